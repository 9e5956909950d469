import type { ConfigFields } from './config-fields';
import { full, fullAsIs, newest, perLayer } from './token-cache';
import type { Architectures, Caches } from './architecture';
import { usualAttention } from './attention';

/** The compressed keys and values of a token, and the part of the key that carries its place. */
export function latentValues(config: ConfigFields): number {
  return config.need('kv_lora_rank') + config.need('qk_rope_head_dim');
}

/** mlx_lm/models/deepseek_v3.py: what is kept is compressed. */
const compressed: Caches = (config) => {
  const values = latentValues(config);
  return perLayer(config.layers(), () => full(values));
};

/** mlx_lm/models/deepseek_v2.py, youtu_llm.py: keys and values of each head are kept at full length. */
const expanded: Caches = (config) => {
  const size =
    config.need('qk_nope_head_dim') + config.need('qk_rope_head_dim') + config.need('v_head_dim');
  return perLayer(config.layers(), () => full(config.need('num_attention_heads') * size));
};

/** mlx_lm/models/minicpm3.py: the same, with values of a size by the width. */
const minicpm3: Caches = (config) => {
  const heads = config.need('num_attention_heads');
  const valueSize = Math.floor(config.need('hidden_size') / heads);
  const size = config.need('qk_nope_head_dim') + config.need('qk_rope_head_dim') + valueSize;
  return perLayer(config.layers(), () => full(heads * size));
};

/** mlx_lm/models/deepseek_v32.py: besides, what the indexer selects by; it keeps its keys twice. */
const indexed: Caches = (config) => {
  const index = 2 * (config.count('index_head_dim') ?? 128);
  return perLayer(config.layers(), () => [fullAsIs(latentValues(config)), fullAsIs(index)]);
};

/** mlx_lm/models/longcat_flash.py: two attentions in each layer. */
const longcat: Caches = (config) => {
  const one = fullAsIs(latentValues(config));
  return perLayer(config.layers(), () => [one, one]);
};

/** mlx_lm/models/longcat_flash_ngram.py: the same, and the newest tokens themselves, in 64 bits. */
const longcatNgram: Caches = (config, type) => [
  newest(8, Math.max(0, (config.count('emb_neighbor_num') ?? 4) - 1)),
  ...longcat(config, type),
];

/** mlx_lm/models/mistral3.py: what its part for text says that it is. */
const mistral3: Caches = (config, type) =>
  (config.text('model_type') === 'mistral4' ? compressed : usualAttention)(config, type);

/** Multi-head latent attention. */
export const LATENT: Architectures = {
  deepseek_v3: compressed,
  kimi_k25: compressed,
  kimi_vl: compressed,
  glm4_moe_lite: compressed,
  mistral4: compressed,
  deepseek_v2: expanded,
  youtu_llm: expanded,
  minicpm3,
  deepseek_v32: indexed,
  glm_moe_dsa: indexed,
  longcat_flash: longcat,
  longcat_flash_ngram: longcatNgram,
  mistral3,
};
