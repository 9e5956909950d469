import { countedAs, storedBytes } from '@core/hub/stored-values';
import { expect, it } from 'vitest';

const quantised = (bits: number, group_size: number, more: object = {}) => ({
  quantization: { bits, group_size, ...more },
});

/** Both within so many percent. */
function expectNear(value: number | undefined, wanted: number, percent = 1): void {
  expect(Math.abs((value ?? 0) - wanted) / wanted).toBeLessThan(percent / 100);
}

it('counts values by their widths', () => {
  expect(storedBytes({ BF16: 1000, F32: 10, F8_E4M3: 100 }, {})).toBe(2140);
});

it('knows words of 32 bits from weights that are counted one by one', () => {
  // 8-bit, as the hub counted in July 2026 (huggingface/hub-docs issue 2704): words, scales and offsets.
  expect(countedAs({ BF16: 9_964_787_842, U32: 78_613_118_976 }, { bits: 8, groupSize: 64 })).toBe(
    'words',
  );
  // 4-bit, counted in September 2026 (jundot/omlx issue 3401): no scales are left.
  expect(countedAs({ BF16: 570_250_830, U32: 25_235_685_376 }, { bits: 4, groupSize: 64 })).toBe(
    'weights',
  );
  // Scales as bytes are counted in words alone.
  expect(countedAs({ BF16: 10, U8: 100, U32: 400 }, { bits: 4, groupSize: 32 })).toBe('words');
  // A tower for pictures of a small model in 8 bits looks like scales and offsets.
  expect(countedAs({ BF16: 669e6, U32: 3.09e9 }, { bits: 8 })).toBeUndefined();
  expect(countedAs({ U32: 400 }, {})).toBeUndefined();
});

it('gives the bytes of real quantised models from either way of counting', () => {
  // mlx-community/gemma-4-26B-A4B-it-4bit: 15.4 GB (jundot/omlx issue 3401).
  const gemma = { BF16: 570_250_830, U32: 25_235_685_376 };
  expectNear(storedBytes(gemma, quantised(4, 64)), 15.4e9);
  // mlx-community/Qwen3.8-27B-4bit: 16.08 GB, as a public catalogue of models has it.
  const qwen = { BF16: 463_375_600, U32: 26_893_352_960 };
  expectNear(storedBytes(qwen, quantised(4, 64)), 16.08e9);
  // Qwen2.5 3B by mlx-lm: `total_parameters` and `total_size` of its indices of 4 and of 8 bits.
  expectNear(storedBytes({ U32: 3_085_938_688 }, quantised(4, 64)), 1_736_187_904);
  expectNear(storedBytes({ U32: 3_085_938_688 }, quantised(8, 64)), 3_279_036_416);
  // In words: 64 weights of 4 bits are 8 words, one scale and one offset.
  expect(storedBytes({ U32: 800, BF16: 200 }, quantised(4, 64))).toBe(3600);
});

it('knows the scales of the other modes', () => {
  const weights = { U32: 64_000 };
  expect(storedBytes(weights, quantised(4, 32, { mode: 'mxfp4' }))).toBe(34_000);
  expect(storedBytes(weights, quantised(4, 16, { mode: 'nvfp4' }))).toBe(36_000);
  expect(storedBytes(weights, quantised(8, 32, { mode: 'mxfp8' }))).toBe(66_000);
});

it('says nothing where the count does not tell', () => {
  expect(storedBytes(undefined, {})).toBeUndefined();
  expect(storedBytes({}, {})).toBeUndefined();
  expect(storedBytes({ U32: 100 }, {})).toBeUndefined();
  expect(storedBytes({ MX6: 100 }, {})).toBeUndefined();
  expect(storedBytes({ BF16: -1 }, {})).toBeUndefined();
  // Some of its layers have other bits.
  const mixed = quantised(4, 64, { 'model.layers.0.mlp': { bits: 8, group_size: 64 } });
  expect(storedBytes({ U32: 64_000 }, mixed)).toBeUndefined();
  // Quantised by others: the hub counts weights of several widths.
  const gptq = { quantization_config: { quant_method: 'gptq', bits: 4 } };
  expect(storedBytes({ I32: 100, F16: 10 }, gptq)).toBeUndefined();
  expect(storedBytes({ F8_E4M3: 100 }, { quantization_config: { quant_method: 'fp8' } })).toBe(100);
});
