import { activeParametersOf, parametersOf } from '@core/hub/parameter-count';
import { expect, it } from 'vitest';

it('counts quantised weights by their bits, without the scales and offsets of their groups', () => {
  // 6400 values of 4 bits are 800 words; one scale and one offset for each group.
  expect(parametersOf({ U32: 800, BF16: 200 + 10 }, { bits: 4, groupSize: 64 })).toBe(6400 + 10);
  // A hub that counts weights one by one leaves the scales out.
  expect(parametersOf({ U32: 6400, BF16: 10 }, { bits: 4, groupSize: 64 })).toBe(6400 + 10);
  // mxfp4: its scales are bytes.
  expect(parametersOf({ U32: 4, U8: 1, BF16: 10 }, { bits: 4, groupSize: 32 })).toBe(32 + 8);
});

it('counts plain weights as they are, and says nothing where it cannot know', () => {
  expect(parametersOf({ BF16: 1000, F32: 24 }, {})).toBe(1024);
  expect(parametersOf({ U32: 8 }, {})).toBeUndefined();
  expect(parametersOf(undefined, { bits: 4 })).toBeUndefined();
  expect(parametersOf({}, { bits: 4 })).toBeUndefined();
});

/** config.json of Qwen/Qwen3-30B-A3B: its card says 30.5 B in all and 3.3 B active. */
const QWEN3_30B = {
  model_type: 'qwen3_moe',
  hidden_size: 2048,
  num_hidden_layers: 48,
  moe_intermediate_size: 768,
  intermediate_size: 6144,
  num_experts: 128,
  num_experts_per_tok: 8,
  decoder_sparse_step: 1,
  mlp_only_layers: [],
};

it('knows what a token passes through in a mixture of experts', () => {
  const active = activeParametersOf(30.53e9, QWEN3_30B) ?? 0;
  expect(active / 1e9).toBeCloseTo(3.35, 1);
  // Mixtral 8x7B: 46.7 B, 12.9 B active (its paper).
  const mixtral = {
    hidden_size: 4096,
    num_hidden_layers: 32,
    intermediate_size: 14336,
    num_local_experts: 8,
    num_experts_per_tok: 2,
  };
  expect((activeParametersOf(46.7e9, mixtral) ?? 0) / 1e9).toBeCloseTo(12.9, 1);
  expect(activeParametersOf(8e9, { hidden_size: 4096, num_hidden_layers: 32 })).toBeUndefined();
  expect(activeParametersOf(1000, QWEN3_30B)).toBeUndefined();
  expect(activeParametersOf(8e9, 'no config')).toBeUndefined();
});
