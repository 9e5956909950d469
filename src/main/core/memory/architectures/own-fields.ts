import { type Architectures, type Caches, headSize } from './architecture';
import type { ConfigFields } from './config-fields';
import { full, perLayer } from './token-cache';

/** Where a config names no heads of keys and values of their own: as many as there are heads. */
const ofGpt: Caches = (config) => perLayer(config.layers(), () => full(2 * config.need('n_embd')));

/** mlx_lm/models/gpt_bigcode.py: all heads share one pair of keys and values. */
const gptBigcode: Caches = (config) => {
  const width = config.need('n_embd');
  return perLayer(config.layers(), () => full(2 * Math.floor(width / config.need('n_head'))));
};

/** mlx_lm/models/dbrx.py */
const dbrx: Caches = (config) => {
  const size = Math.floor(config.need('d_model') / config.need('n_heads'));
  const heads = config.part('attn_config').need('kv_n_heads');
  return perLayer(config.layers(), () => full(2 * heads * size));
};

/** mlx_lm/models/openelm.py: each layer has its own number of heads. */
const openelm: Caches = (config) => {
  const heads = config.counts('num_kv_heads') ?? [];
  return perLayer(config.layers(), (index) => full(2 * (heads[index] ?? 1) * headSize(config)));
};

/** mlx_lm/models/afm7.py: the last layers use the keys and values of one before. */
const afm7: Caches = (config) => {
  const size = Math.floor(config.need('hidden_dim') / config.need('num_heads'));
  const values = 2 * config.need('num_kv_heads') * size;
  return perLayer(Math.max(0, config.layers() - (config.count('num_kv_reuse_layers') ?? 0)), () =>
    full(values),
  );
};

/** mlx_lm/models/lille-130m.py */
const lille: Caches = (config) => {
  const size = Math.floor(config.need('n_embd') / config.need('n_head'));
  return perLayer(config.layers(), () => full(2 * config.need('n_kv_heads') * size));
};

/** mlx_lm/models/phixtral.py: what a config leaves out is this. */
const phixtral: Caches = (config) =>
  perLayer(config.layers(32), () => full(2 * (config.count('model_dim') ?? 2560)));

/** mlx_lm/models/olmo.py: each head has keys and values of its own. */
const olmo: Caches = (config) => perLayer(config.layers(), () => full(2 * config.need('d_model')));

/** mlx_lm/models/plamo.py: so many heads share one pair of keys and values. */
const plamo: Caches = (config) => {
  const heads = config.need('num_attention_heads');
  const shared = Math.ceil(heads / (config.count('n_shared_head') || 8));
  const size = Math.floor(config.need('hidden_size') / heads);
  return perLayer(config.layers(), () => full(2 * shared * size));
};

/** Each head has keys and values of its own, of a size with a name of its own. */
function everyHead(sizeName: string, usualSize: number): Caches {
  return (config: ConfigFields) => {
    const values = config.need('num_attention_heads') * (config.count(sizeName) ?? usualSize);
    return perLayer(config.layers(), () => full(2 * values));
  };
}

/** Usual attention of models whose configs name things in their own way. */
export const OWN_FIELDS: Architectures = {
  gpt2: ofGpt,
  gptj: ofGpt,
  gpt_bigcode: gptBigcode,
  dbrx,
  openelm,
  afm7,
  'lille-130m': lille,
  phixtral,
  olmo,
  plamo,
  qwen: everyHead('kv_channels', 128),
  talkie: everyHead('head_dim', 128),
};
