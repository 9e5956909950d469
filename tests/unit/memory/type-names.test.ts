import { readModelShape } from '@core/memory/model-shape';
import { countedAs, type TypeNames } from '@core/memory/type-names';
import { kvCacheBytes } from '@core/memory/kv-cache';
import { expect, it } from 'vitest';

const names = (
  byType: Record<string, string>,
  byArchitecture: Record<string, string> = {},
): TypeNames => ({
  byType: new Map(Object.entries(byType)),
  byArchitecture: new Map(Object.entries(byArchitecture)),
});

const bytes = (config: unknown, installed?: TypeNames): number => {
  const shape = readModelShape(config, installed);
  if (!shape) throw new Error('no shape');
  expect(shape.unknown).toEqual([]);
  return kvCacheBytes(shape, { tokens: 16_384, concurrency: 1 });
};

const text = {
  hidden_size: 3840,
  num_hidden_layers: 48,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  num_global_key_value_heads: 1,
  head_dim: 256,
  global_head_dim: 512,
  attention_k_eq_v: true,
  sliding_window: 1024,
  num_kv_shared_layers: 0,
  layer_types: Array.from({ length: 48 }, (_, index) =>
    index % 6 === 5 ? 'full_attention' : 'sliding_attention',
  ),
};
const gemma = (type: string) => ({
  model_type: type,
  architectures: ['X'],
  text_config: { ...text, model_type: `${type}_text` },
  dtype: 'bfloat16',
});

it('counts a type that the engine maps to another one as that', () => {
  // 40 layers of the newest 1,024 tokens and the last step, 8 of every token with one head that is twice as large.
  const windows = 40 * (1024 - 1 + 2047) * 2 * 8 * 256 * 2;
  const whole = 8 * 16_384 * 2 * 512 * 2;
  expect(bytes(gemma('gemma4'))).toBe(windows + whole);
  expect(bytes(gemma('gemma4_unified'))).toBe(windows + whole);
});

it('knows a type whose part for text has a type that is not known, and one that has none', () => {
  for (const part of ['nobody_knows', undefined]) {
    const config = { model_type: 'gemma4', text_config: { ...text, model_type: part } };
    expect(bytes(config)).toBe(bytes(gemma('gemma4')));
  }
});

it('asks the installed engine before its own table', () => {
  const config = { ...text, model_type: 'house_type', layer_types: undefined };
  expect(readModelShape(config)?.unknown).toEqual([
    'Unknown architecture "house_type". Context memory is estimated as for standard attention.',
  ]);
  const asLlama = bytes({ ...config, model_type: 'llama' });
  expect(bytes(config, names({ house_type: 'llama' }))).toBe(asLlama);
  expect(
    bytes({ ...config, model_type: 'gemma4_unified' }, names({ gemma4_unified: 'llama' })),
    'another version maps it to another type',
  ).toBe(asLlama);
});

it('by type and architecture before the type alone', () => {
  const both = names({ a: 'llama' }, { 'a Second': 'gemma2' });
  expect(countedAs('a', ['First', 'Second'], both)).toBe('gemma2');
  expect(countedAs('a', ['First'], both)).toBe('llama');
  expect(countedAs('bailing_hybrid', ['BailingMoeV3ForCausalLM'], undefined)).toBe(
    'bailing_moe_v3',
  );
  expect(countedAs('bailing_hybrid', ['Other'], undefined)).toBe('bailing_hybrid');
});

it('takes what the installed engine has as a type of its own for that, where its caches are known', () => {
  expect(countedAs('bailing_hybrid', ['BailingMoeV3ForCausalLM'], names({}))).toBe(
    'bailing_hybrid',
  );
  // An engine with a file of this name: what our table says of it is more than nothing.
  expect(countedAs('gemma4_unified', [], names({}))).toBe('gemma4');
  expect(countedAs('nobody_knows', [], names({}))).toBe('nobody_knows');
});

it('does not fall back on the type where the engine maps it to one that is not known', () => {
  const shape = readModelShape({ ...text, model_type: 'llama' }, names({ llama: 'llama_of_2027' }));
  expect(shape?.unknown).toEqual([expect.stringContaining('Unknown architecture "llama_of_2027"')]);
});

it('knows a type by either spelling', () => {
  const config = { ...text, layer_types: ['full_attention'], conv_L_cache: 3 };
  const spelt = (type: string) => bytes({ ...config, model_type: type });
  expect(spelt('lfm2_vl')).toBe(spelt('lfm2-vl'));
  expect(spelt('klear')).toBe(spelt('Klear'));
});

it('counts the part for text of an omni model, two levels down', () => {
  const thinker = {
    hidden_size: 2048,
    num_hidden_layers: 48,
    num_attention_heads: 32,
    num_key_value_heads: 4,
    head_dim: 128,
    max_position_embeddings: 65_536,
    vocab_size: 152_064,
    intermediate_size: 768,
  };
  const omni = readModelShape({
    architectures: ['Qwen3OmniMoeForConditionalGeneration'],
    model_type: 'qwen3_omni_moe',
    thinker_config: {
      model_type: 'qwen3_omni_moe_thinker',
      text_config: { ...thinker, model_type: 'qwen3_omni_moe_text' },
      vision_config: { depth: 27, hidden_size: 1152, num_hidden_layers: 27 },
      audio_config: { num_mel_bins: 128, d_model: 1280 },
    },
    talker_config: { text_config: { hidden_size: 1024, num_hidden_layers: 20 } },
  });
  expect(omni).toEqual(readModelShape({ ...thinker, model_type: 'qwen3_moe' }));
  expect(omni).toMatchObject({ contextLength: 65_536, unknown: [] });
  expect(omni?.caches).toHaveLength(48);
});
