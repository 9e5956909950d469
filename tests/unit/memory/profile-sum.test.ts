import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { mlxOpenaiServer } from '@core/engines/adapters/mlx-openai-server';
import { mlxVlm } from '@core/engines/adapters/mlx-vlm';
import { vllmMlx } from '@core/engines/adapters/vllm-mlx';
import type { EngineAdapter } from '@core/engines/adapters/adapter';
import { modelFacts } from '@core/memory/model-facts';
import { learnedAt, memoryDigest, sumOf } from '@core/memory/profile-sum';
import type { ServerProfile } from '@shared/domain/profile';
import { describe, expect, it } from 'vitest';

const GB = 1e9;
const LLAMA = {
  model_type: 'llama',
  num_hidden_layers: 32,
  hidden_size: 4096,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  max_position_embeddings: 131_072,
  torch_dtype: 'bfloat16',
};
/** Keys and values of a token in 16 bits, of all layers. */
const TOKEN = 131_072;
const model = modelFacts(LLAMA, 4.5 * GB, 'text');

function sum(adapter: EngineAdapter, options: ServerProfile['options'], draft = false) {
  if (!adapter.memory) throw new Error('no memory');
  const use = adapter.memory(options);
  const small = modelFacts({ ...LLAMA, num_hidden_layers: 4 }, 0.5 * GB, 'text');
  return sumOf({ use, model, draft: draft ? small : undefined, memoryTotal: 64 * GB });
}

describe('what engines keep', () => {
  it('mlx-lm: one request of the usual length and two gigabytes of earlier prompts', () => {
    const plain = sum(mlxLm, {});
    expect(plain).toMatchObject({
      context: 16_384,
      concurrency: 1,
      promptCacheBytes: 2 * GB,
      weightsBytes: 4.5 * GB,
      notes: [expect.stringContaining('up to 32 requests')],
    });
    expect(sum(mlxLm, { 'parallel-requests': 4 })).toMatchObject({ concurrency: 4, notes: [] });
    expect(sum(mlxLm, { 'prompt-cache-memory': '500MB' }).promptCacheBytes).toBe(GB / 2);
    // No more than so many prompts of full length take.
    const one = { 'prompt-cache-size': 1, 'kv-bits': 4, 'quantized-kv-start': 0 };
    expect(sum(mlxLm, one).promptCacheBytes).toBe(16_384 * TOKEN * (0.5625 / 2));
  });

  it('mlx-lm: a quantised cache or a draft model is one request at a time', () => {
    const quantised = sum(mlxLm, { 'kv-bits': 4, 'kv-group-size': 32, 'parallel-requests': 8 });
    expect(quantised).toMatchObject({ kvBits: 4, kvGroupSize: 32, concurrency: 1 });
    expect(quantised.notes).toEqual([expect.stringContaining('10 earlier prompts of any size')]);
    // Up to 5,000 tokens nothing is quantised, unless an option says otherwise.
    expect(sum(mlxLm, { 'kv-bits': 4, 'quantized-kv-start': 20_000 }).kvBits).toBeUndefined();
    expect(sum(mlxLm, { 'kv-bits': 4, 'quantized-kv-start': 0 }).kvBits).toBe(4);
    const draft = sum(mlxLm, { 'draft-model': '/models/draft' }, true);
    expect(draft.draft?.weightsBytes).toBe(GB / 2);
    expect(draft.draft?.shape?.caches).toHaveLength(4);
    expect(sum(mlxLm, { 'draft-model': '/models/draft' }).notes).toContain(
      "The draft model isn't on this machine and isn't counted.",
    );
  });

  it('mlx-vlm: no earlier prompts, a limit of the context, any number of requests', () => {
    const plain = sum(mlxVlm, { 'context-length': 65_536, 'kv-bits': 3.5 });
    expect(plain).toMatchObject({ context: 65_536, kvBits: 3.5, promptCacheBytes: 0 });
    expect(plain.notes).toEqual([expect.stringContaining('any number of requests')]);
  });

  it('vllm-mlx: one at a time, unless it batches; then a share of all memory for prompts', () => {
    expect(sum(vllmMlx, {})).toMatchObject({ concurrency: 1, promptCacheBytes: 0, notes: [] });
    expect(sum(vllmMlx, { 'parallel-requests': 8 })).toMatchObject({
      concurrency: 8,
      promptCacheBytes: 12.8 * GB,
    });
    expect(
      sum(vllmMlx, { 'continuous-batching': true, 'prompt-cache-memory': '3GB' }),
    ).toMatchObject({
      concurrency: 1,
      promptCacheBytes: 3 * GB,
      notes: [expect.stringContaining('256')],
    });
    // It quantises what it keeps, not what it works with.
    expect(sum(vllmMlx, { 'kv-bits': 4 }).kvBits).toBeUndefined();
  });

  it('mlx-openai-server: two processes with torch, prompts of text models alone', () => {
    expect(sum(mlxOpenaiServer, {})).toMatchObject({
      runtimeBytes: 1_081_000_000,
      promptCacheBytes: 2 * GB,
    });
    expect(sum(mlxOpenaiServer, { 'model-type': 'multimodal' }).promptCacheBytes).toBe(0);
    expect(sum(mlxOpenaiServer, { 'disable-batching': true })).toMatchObject({ notes: [] });
  });

  it('options that cannot be read are as if they were not there', () => {
    const odd = { 'parallel-requests': 'many', 'kv-bits': true, 'prompt-cache-memory': 'lots' };
    expect(sum(mlxLm, odd)).toEqual(sum(mlxLm, {}));
  });

  it('a model that embeds has no cache', () => {
    const bert = modelFacts({ ...LLAMA, model_type: 'bert' }, GB, 'embedding');
    const use = mlxOpenaiServer.memory?.({}) ?? {};
    const embeds = sumOf({ use, model: bert, memoryTotal: 64 * GB });
    expect(embeds).toMatchObject({ promptCacheBytes: 0, notes: [], shape: { caches: [] } });
  });

  it('a model whose config tells nothing has its weights', () => {
    const unknown = modelFacts('nonsense', GB, undefined);
    const use = mlxLm.memory?.({}) ?? {};
    const { shape, weightsBytes, promptCacheBytes } = sumOf({
      use,
      model: unknown,
      memoryTotal: 1,
    });
    expect({ shape, weightsBytes, promptCacheBytes }).toEqual({
      shape: undefined,
      weightsBytes: GB,
      promptCacheBytes: 0,
    });
  });
});

describe('a figure that was learned with one context', () => {
  const set = { context: 32_768, total: 20 };
  it('below the estimate is what shorter ones need at most', () => {
    expect(learnedAt(14, set, set)).toBe(14);
    expect(learnedAt(14, set, { context: 16_384, total: 16 })).toBe(14);
    expect(learnedAt(14, set, { context: 8192, total: 12 })).toBe(12);
    expect(learnedAt(14, set, { context: 65_536, total: 30 })).toBe(30);
  });
  it('above it is above it everywhere', () => {
    expect(learnedAt(23, set, set)).toBe(23);
    expect(learnedAt(23, set, { context: 16_384, total: 16 })).toBe(19);
    expect(learnedAt(23, set, { context: 65_536, total: 30 })).toBe(33);
  });
});

describe('what memory depends on', () => {
  const profile = {
    model: 'org/name',
    engine: 'mlx-lm' as const,
    options: { 'kv-bits': 4, temperature: 0.5 },
    extraArgs: ['--x'],
    env: { A: '1', HF_TOKEN: 'secret' },
  };
  const digest = (change: Partial<typeof profile> = {}, installation = 'i1', stamps = ['m:1:2']) =>
    memoryDigest({ ...profile, ...change }, installation, stamps);

  it('is the same for what takes no memory, in any order', () => {
    expect(digest({ options: { temperature: 0.9, 'kv-bits': 4 } })).toBe(digest());
    expect(digest({ env: { HF_TOKEN: 'another', A: '1' } })).toBe(digest());
    expect(digest()).toMatch(/^[0-9a-f]{64}$/);
  });

  it('differs with the model, its files, the engine, and every other option', () => {
    const others = [
      digest({ model: 'org/other' }),
      digest({ options: { 'kv-bits': 8, temperature: 0.5 } }),
      digest({ options: { ...profile.options, 'expert-cache-gb': 1 } as typeof profile.options }),
      digest({ extraArgs: [] }),
      digest({ env: { ...profile.env, A: '2' } }),
      digest({}, 'i2'),
      digest({}, 'i1', ['m:1:3']),
    ];
    expect(new Set([digest(), ...others]).size).toBe(others.length + 1);
  });
});
