import {
  estimateFit,
  type FitInput,
  keepFreeBytes,
  prefillBytes,
  verdictOf,
} from '@core/memory/fit-estimate';
import { kvCacheBytes } from '@core/memory/kv-cache';
import { readModelShape } from '@core/memory/model-shape';
import { expect, it } from 'vitest';

const GIB = 1024 ** 3;
const GB = 1e9;

/** Llama 3.1 8B in 4 bits. */
const LLAMA = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128_256,
  max_position_embeddings: 131_072,
  torch_dtype: 'bfloat16',
};

function estimate(changes: Partial<FitInput> = {}) {
  return estimateFit({
    shape: readModelShape(LLAMA),
    weightsBytes: 4.5 * GB,
    machine: { limit: 12 * GIB, limitSource: 'gpu', inUse: 0 },
    keepFreePercent: 8,
    ...changes,
  });
}

it('adds up what a model needs', () => {
  const fit = estimate({ context: 8192, promptCacheBytes: 1000 });
  // 32 layers, 8 heads, 128 values, keys and values, 16 bits: 131072 bytes for each token.
  expect(fit.parts.kvCache).toBe(8192 * 131_072);
  expect(fit.parts.weights).toBe(4.5 * GB);
  const { weights, kvCache, promptCache, overhead } = fit.parts;
  expect(fit.total).toBe(weights + kvCache + promptCache + overhead);
  expect(overhead).toBeGreaterThan(400 * 1024 ** 2);
  expect(fit).toMatchObject({ verdict: 'fits', context: 8192, concurrency: 1, unknown: [] });
});

it('counts a usual context, and never a longer one than the model can', () => {
  expect(estimate().context).toBe(16_384);
  const short = readModelShape({ ...LLAMA, max_position_embeddings: 2048 });
  expect(estimate({ shape: short }).context).toBe(2048);
});

it('counts each request of several at once', () => {
  const one = estimate({ context: 4096 });
  expect(estimate({ context: 4096, concurrency: 4 }).parts.kvCache).toBe(4 * one.parts.kvCache);
});

it('counts a quantised cache, and that it is not quantised from the start', () => {
  const plain = estimate({ context: 32_768 }).parts.kvCache;
  const eight = estimate({ context: 32_768, kvBits: 8 }).parts.kvCache;
  // 8 bits, a scale and a bias of 16 each for 64 values.
  expect(eight / plain).toBeCloseTo(1.0625 / 2, 10);
  // mlx-lm quantises from 5000 tokens on: a request of 4999 is kept as it is.
  const four = estimate({ context: 6000, kvBits: 4 }).parts.kvCache;
  expect(four).toBe(5120 * 131_072);
  const atOnce = estimate({ context: 6000, kvBits: 4, quantisedStart: 0 }).parts.kvCache;
  expect(atOnce).toBe((6144 * 131_072 * 0.5625) / 2);
});

it('counts a draft model with its own number type', () => {
  const draft = readModelShape({ ...LLAMA, num_hidden_layers: 4, torch_dtype: 'float32' });
  const fit = estimate({ context: 4096, draft: { shape: draft, weightsBytes: GB } });
  const alone = estimate({ context: 4096 });
  expect(fit.parts.weights).toBe(5.5 * GB);
  expect(fit.parts.kvCache).toBe(alone.parts.kvCache * (1 + 2 / 8));
});

it('holds the scores of all heads where attention is not fused', () => {
  const shape = readModelShape(LLAMA);
  const wide = readModelShape({ ...LLAMA, head_dim: 256 });
  if (!shape || !wide) throw new Error('no shape');
  const scores = 32 * 2048 * 16_384 * 2;
  expect(prefillBytes(wide, 16_384) - prefillBytes(shape, 16_384)).toBe(scores);
  // A window is all that is looked at.
  const windowed = readModelShape({
    ...LLAMA,
    head_dim: 256,
    sliding_window: 1024,
    layer_types: Array(32).fill('sliding_attention'),
  });
  if (!windowed) throw new Error('no shape');
  const seen = 32 * 2048 * (1024 + 2048) * 2;
  expect(prefillBytes(windowed, 16_384) - prefillBytes(shape, 16_384)).toBe(seen);
});

it('counts a window at its largest: while a prompt is read', () => {
  const shape = readModelShape({
    ...LLAMA,
    sliding_window: 1024,
    layer_types: Array(32).fill('sliding_attention'),
  });
  if (!shape) throw new Error('no shape');
  const use = { tokens: 16_384, concurrency: 1 };
  expect(kvCacheBytes(shape, use)).toBe((1023 + 2048) * 131_072);
});

it('gives its verdict by what is free, to the byte', () => {
  expect(verdictOf(100, 99, 0)).toBe('no');
  expect(verdictOf(100, 100, 0)).toBe('fits');
  expect(verdictOf(100, 100, 1)).toBe('tight');
  expect(verdictOf(100, 109, 10)).toBe('tight');
  expect(verdictOf(100, 110, 10)).toBe('fits');
});

it('takes what is in use off the limit', () => {
  const { total } = estimate();
  const machine = { limit: total + 2 * GIB, limitSource: 'gpu', inUse: 0 } as const;
  expect(estimate({ machine }).verdict).toBe('fits');
  expect(estimate({ machine: { ...machine, inUse: 1.5 * GIB } }).verdict).toBe('tight');
  expect(estimate({ machine: { ...machine, inUse: 2 * GIB + 1 } }).verdict).toBe('no');
});

it('keeps a share free, and 1 GiB at least', () => {
  expect(keepFreeBytes(100 * GIB, 8)).toBe(8 * GIB);
  expect(keepFreeBytes(12.5 * GIB, 8)).toBe(GIB);
  expect(keepFreeBytes(8 * GIB, 8)).toBe(GIB);
  expect(keepFreeBytes(100 * GIB, 0)).toBe(GIB);
});

it('lets the measured peak replace the sum, and keeps the parts', () => {
  const fit = estimate({ learnedPeak: 11.5 * GIB });
  expect(fit).toMatchObject({ total: 11.5 * GIB, learnedPeak: 11.5 * GIB, verdict: 'tight' });
  expect(fit.parts).toEqual(estimate().parts);
});

it('says what it does not know', () => {
  const nothing = estimate({ shape: undefined });
  expect(nothing.unknown).toEqual(["Context memory can't be estimated from this model's config."]);
  expect(nothing.parts.kvCache).toBe(0);
  const { num_attention_heads: _, ...headless } = LLAMA;
  expect(estimate({ shape: readModelShape(headless) })).toMatchObject({
    parts: { kvCache: 0 },
    unknown: ['Its config doesn\'t say "num_attention_heads", so context memory is not counted.'],
  });
  const strange = estimate({ shape: readModelShape({ ...LLAMA, model_type: 'nonsense' }) });
  expect(strange.parts.kvCache).toBe(estimate().parts.kvCache);
  expect(strange.unknown).toEqual([
    'Unknown architecture "nonsense". Context memory is estimated as for standard attention.',
  ]);
});
