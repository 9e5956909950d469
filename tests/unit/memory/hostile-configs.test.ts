import { estimateFit } from '@core/memory/fit-estimate';
import { readModelShape } from '@core/memory/model-shape';
import { realModels } from '@fixtures/real-models';
import { TINY_MODELS } from '@fixtures/tiny-models';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const MACHINE = { limit: 64e9, limitSource: 'gpu', inUse: 1e9 } as const;

function totalOf(config: unknown, use: object = {}): number {
  const shape = readModelShape(config);
  const machine = { machine: MACHINE, keepFreePercent: 8 };
  const fit = estimateFit({ shape, weightsBytes: 1e9, ...machine, ...use });
  for (const part of [...Object.values(fit.parts), fit.total]) {
    expect(Number.isFinite(part)).toBe(true);
    expect(part).toBeGreaterThanOrEqual(0);
  }
  return fit.total;
}

it('reads any JSON without an error, and its sums are finite', () => {
  fc.assert(fc.property(fc.jsonValue(), (config) => void totalOf(config)));
});

/** A field of a known config with anything in it, or gone. */
const spoilt = fc
  .constantFrom(...TINY_MODELS)
  .chain(({ config }) =>
    fc.tuple(
      fc.constant(config),
      fc.constantFrom(...Object.keys(config)),
      fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.constant(undefined)),
    ),
  );

it('takes any value in any field of a known config', () => {
  fc.assert(
    fc.property(spoilt, ([config, key, value]) => void totalOf({ ...config, [key]: value })),
    { numRuns: 2000 },
  );
});

it('is not led astray by names that every object has', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(readModelShape({ model_type: name, hidden_size: 64 })?.unknown).toHaveLength(1);
  }
  const hostile = JSON.parse('{"__proto__": {"hidden_size": 64}, "model_type": "llama"}');
  expect(readModelShape(hostile)).toBeUndefined();
});

it('is quick with the largest numbers that a config can have', () => {
  const config = {
    ...TINY_MODELS[0]?.config,
    num_hidden_layers: 10_000,
    num_key_value_heads: 1e9,
    head_dim: 1e9,
    max_position_embeddings: 1e9,
    num_loops: 1e9,
  };
  for (const model_type of ['llama', 'nanbeige', 'gemma3_text', 'qwen3_next', 'unheard-of']) {
    totalOf({ ...config, model_type }, { context: 1e9, prefillStep: 1 });
  }
});

it('makes no list of a thousand million layers, whatever the type', () => {
  const names = [
    'num_hidden_layers',
    'num_layers',
    'n_layers',
    'n_layer',
    'num_transformer_layers',
  ];
  const layers = Object.fromEntries(names.map((name) => [name, 1e9]));
  for (const { name, config } of TINY_MODELS) {
    const part = config.text_config;
    const text = part instanceof Object ? { text_config: { ...part, ...layers } } : {};
    const shape = readModelShape({ ...config, ...layers, ...text });
    expect(shape?.caches.length ?? 0, name).toBeLessThan(100);
  }
});

const model = fc.constantFrom(...TINY_MODELS.map(({ config }) => config));
const tokens = fc.integer({ min: 1, max: 20_000 });
const step = fc.constantFrom(256, 512, 2048);

it('never says less for a longer context', () => {
  const cases = fc.tuple(model, tokens, tokens, step, fc.constantFrom(undefined, 4, 8));
  fc.assert(
    fc.property(cases, ([config, one, other, prefillStep, kvBits]) => {
      const use = { prefillStep, kvBits };
      const shorter = totalOf(config, { ...use, context: Math.min(one, other) });
      const longer = totalOf(config, { ...use, context: Math.max(one, other) });
      expect(longer).toBeGreaterThanOrEqual(shorter);
    }),
    { numRuns: 500 },
  );
});

it('never says less for one token more, where groups of tokens are kept as one entry', () => {
  const sparse = TINY_MODELS.filter(({ config }) => config.model_type === 'deepseek_v41');
  expect(sparse.length).toBeGreaterThan(0);
  for (const { config } of sparse) {
    const totals = Array.from({ length: 400 }, (_, index) =>
      totalOf(config, { context: index + 1, prefillStep: 64 }),
    );
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
  }
});

it('never says less for more requests at once, or for more bits', () => {
  fc.assert(
    fc.property(
      fc.tuple(model, tokens, fc.integer({ min: 1, max: 32 })),
      ([config, context, n]) => {
        const one = totalOf(config, { context });
        expect(totalOf(config, { context, concurrency: n })).toBeGreaterThanOrEqual(one);
        const eight = totalOf(config, { context, kvBits: 8 });
        expect(eight).toBeLessThanOrEqual(one);
        expect(totalOf(config, { context, kvBits: 4 })).toBeLessThanOrEqual(eight);
      },
    ),
    { numRuns: 300 },
  );
});

it('reads the configs of real models', async () => {
  for (const { model: name, config } of await realModels()) {
    const shape = readModelShape(config);
    expect(shape?.caches.length, name).toBe(
      config.text_config instanceof Object && 'num_hidden_layers' in config.text_config
        ? config.text_config.num_hidden_layers
        : config.num_hidden_layers,
    );
  }
});
