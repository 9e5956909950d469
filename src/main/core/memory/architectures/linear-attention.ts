import type { ConfigFields } from './config-fields';
import { full, type NumberType, perLayer, state, type TokenCache, windowOf } from './token-cache';
import { type Architectures, type Caches, headSize, keysAndValues } from './architecture';
import { latentValues } from './latent';

/** The state of a gated delta network in 32 bits, and the tail of its convolution (gated_delta.py). */
function gatedDelta(config: ConfigFields, type: NumberType): TokenCache {
  const keys = config.need('linear_num_key_heads') * config.need('linear_key_head_dim');
  const values = config.need('linear_num_value_heads') * config.need('linear_value_head_dim');
  const tail = (config.need('linear_conv_kernel_dim') - 1) * (2 * keys + values);
  return state(values * config.need('linear_key_head_dim'), tail, type);
}

/** mlx_lm/models/qwen3_next.py, qwen3_5.py: every so many layers one has usual attention. */
const qwen3Next: Caches = (config, type) => {
  const interval = config.count('full_attention_interval') || 4;
  return perLayer(config.layers(), (index) =>
    (index + 1) % interval === 0 ? full(keysAndValues(config)) : gatedDelta(config, type),
  );
};

/** mlx_lm/models/olmo_hybrid.py */
const olmoHybrid: Caches = (config, type) => {
  const types = config.texts('layer_types');
  return perLayer(config.layers(), (index) => {
    const linear = types ? types[index] === 'linear_attention' : index % 4 !== 3;
    return linear ? gatedDelta(config, type) : full(keysAndValues(config));
  });
};

/** A state in 32 bits, and the tails of three convolutions. */
function kimiDelta(width: number, size: number, kernel: number, type: NumberType): TokenCache {
  return state(width * size, 3 * Math.max(0, kernel - 1) * width, type);
}

/** mlx_lm/models/kimi_linear.py, kimi_k3.py: layers are counted from 1; the others have latent attention. */
const kimiLinear: Caches = (config, type) => {
  const linear = config.part('linear_attn_config');
  const layers = new Set(linear.counts('kda_layers'));
  return perLayer(config.layers(), (index) => {
    if (!layers.has(index + 1)) return full(latentValues(config));
    const size = linear.need('head_dim');
    const width = linear.need('num_heads') * size;
    return kimiDelta(width, size, linear.count('short_conv_kernel_size') ?? 4, type);
  });
};

/** The last layer of each group, and those behind the last whole group, keep every token. */
function grouped(
  ofGlobal: (config: ConfigFields) => number,
  ofState: (config: ConfigFields, type: NumberType) => TokenCache,
): Caches {
  return (config, type) => {
    const group = config.need('layer_group_size');
    const layers = config.layers();
    const whole = layers - (layers % group);
    return perLayer(layers, (index) =>
      (index + 1) % group === 0 || index >= whole ? full(ofGlobal(config)) : ofState(config, type),
    );
  };
}

/** A square for each head. */
function squares(config: ConfigFields): number {
  return config.need('num_attention_heads') * headSize(config) ** 2;
}

/** mlx_lm/models/bailing_moe_linear.py: squares in the model's type. */
const bailingLinear = grouped(keysAndValues, (config, type) => state(0, squares(config), type));

/** mlx_lm/models/bailing_hybrid.py: squares in 32 bits. */
const bailingHybrid = grouped(latentValues, (config, type) => state(squares(config), 0, type));

/** mlx_lm/models/bailing_moe_v3.py: those of kimi_linear. */
const bailingV3 = grouped(latentValues, (config, type) => {
  const width = config.need('num_attention_heads') * headSize(config);
  return kimiDelta(width, headSize(config), config.count('short_conv_kernel_size') ?? 4, type);
});

/** mlx_lm/models/rwkv7.py: two tokens and a square for each head. */
const rwkv7: Caches = (config, type) => {
  const hidden = config.need('hidden_size');
  return perLayer(config.layers(), () => state(0, hidden * (config.need('head_dim') + 2), type));
};

/** mlx_lm/models/lfm2.py: short convolutions between layers with attention. */
const lfm2: Caches = (config, type) => {
  const types = config.texts('layer_types');
  const listed = config.counts('full_attn_idxs');
  const attends = (index: number): boolean =>
    listed ? listed.includes(index) : types?.[index] === 'full_attention';
  const tail = (config.need('conv_L_cache') - 1) * config.need('hidden_size');
  return perLayer(config.layers(), (index) =>
    attends(index) ? full(keysAndValues(config)) : state(0, tail, type),
  );
};

/** mlx_lm/models/gear.py: the tails of two convolutions, over keys and over values. */
const gear: Caches = (config, type) => {
  const types = config.texts('layer_types');
  const values = keysAndValues(config);
  const tail = Math.max(0, (config.count('conv_L_cache') ?? 3) - 1) * values;
  return perLayer(config.layers(), (index) => {
    const kind = types?.[index] ?? 'full_attention';
    if (kind === 'full_attention') return full(values);
    if (kind !== 'sliding_attention') return state(0, tail, type);
    return windowOf(values, config.count('sliding_window') ?? 512);
  });
};

/** Layers that keep a state of one size in the place of keys and values. */
export const LINEAR_ATTENTION: Architectures = {
  qwen3_next: qwen3Next,
  qwen3_5: qwen3Next,
  qwen3_5_text: qwen3Next,
  qwen3_5_moe: qwen3Next,
  qwen3_5_moe_text: qwen3Next,
  prism_hadamard_qwen35: qwen3Next,
  olmo_hybrid: olmoHybrid,
  kimi_linear: kimiLinear,
  kimi_k3: kimiLinear,
  bailing_moe_linear: bailingLinear,
  bailing_hybrid: bailingHybrid,
  bailing_moe_v3: bailingV3,
  rwkv7,
  lfm2,
  lfm2_moe: lfm2,
  'lfm2-vl': lfm2,
  gear,
};
