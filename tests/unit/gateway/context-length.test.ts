import { describe, expect, it } from 'vitest';

import { adapters } from '@core/engines/adapters';
import { contextLengthOf } from '@core/gateway/context-length';
import { readModelShape } from '@core/memory/model-shape';
import { contextLimit } from '@core/verdict/context-limit';
import { configFacts } from '@core/verdict/model-config';

describe('the context length of a profile', () => {
  const shape = { contextLength: 40_960 };

  it('is what its engine was given, else what its model can', () => {
    expect(contextLengthOf({ use: { context: 8192 }, shape })).toBe(8192);
    expect(contextLengthOf({ use: {}, shape })).toBe(40_960);
    expect(contextLengthOf({ use: { context: 0 }, shape })).toBe(40_960);
    expect(contextLengthOf({ use: undefined, shape })).toBe(40_960);
    expect(contextLengthOf({ use: {}, shape: { contextLength: undefined } })).toBeUndefined();
    expect(contextLengthOf({ use: undefined, shape: undefined })).toBeUndefined();
  });

  it.each(adapters.filter(({ memory }) => memory !== undefined))(
    'follows the option of $id, where it has one',
    (adapter) => {
      const use = adapter.memory?.({ 'context-length': 8192 });
      const expected = 'context-length' in adapter.common ? 8192 : 40_960;
      expect(contextLengthOf({ use, shape })).toBe(expected);
    },
  );
});

describe("a model's own limit", () => {
  it('is found under each of its names, in the part for text, and nowhere else', () => {
    expect(contextLimit({ max_position_embeddings: 4096, n_positions: 1 })).toBe(4096);
    expect(contextLimit({ n_positions: 1024 })).toBe(1024);
    for (const bad of [undefined, {}, { max_position_embeddings: -1 }, { n_positions: '9' }]) {
      expect(contextLimit(bad)).toBeUndefined();
    }
    expect(contextLimit({ model_max_length: 1e30, max_seq_len: 2048 })).toBe(2048);
  });

  it('is what YaRN makes of it, where the usual number is that of the training', () => {
    const rope = { factor: 4, original_max_position_embeddings: 32_768 };
    const config = { max_position_embeddings: 32_768 };
    const yarn = { ...config, rope_scaling: { ...rope, type: 'yarn' } };
    expect(contextLimit(yarn)).toBe(131_072);
    expect(contextLimit({ ...config, rope_parameters: { ...rope, rope_type: 'yarn' } })).toBe(
      131_072,
    );
    const whole = { ...yarn, max_position_embeddings: 163_840 };
    expect(contextLimit(whole)).toBe(163_840);
    expect(contextLimit({ ...config, rope_scaling: { ...rope, rope_type: 'llama3' } })).toBe(
      32_768,
    );
    expect(contextLimit({ ...config, rope_scaling: { type: 'yarn', factor: 'x' } })).toBe(32_768);
  });

  it('is one number for the sum, the lists and the gateway', () => {
    const config = {
      model_type: 'qwen2',
      num_hidden_layers: 2,
      num_attention_heads: 4,
      hidden_size: 64,
      max_position_embeddings: 32_768,
      rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 },
    };
    expect(readModelShape(config)?.contextLength).toBe(131_072);
    expect(configFacts(config).contextLength).toBe(131_072);
  });
});
