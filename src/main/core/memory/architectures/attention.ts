import type { ConfigFields } from './config-fields';
import { full, fullAsIs, perLayer, state, type TokenCache, windowOf } from './token-cache';
import { type Architectures, type Caches, headSize, keysAndValues, kvHeads } from './architecture';

/** Every layer keeps every token. */
const plain: Caches = (config) => perLayer(config.layers(), () => full(keysAndValues(config)));

/** mlx_lm/models/nemotron-nas.py: layers without attention keep nothing. */
const nemotronNas: Caches = (config) => {
  const size = headSize(config);
  const heads = config.need('num_attention_heads');
  return config.parts('block_configs').flatMap((block): TokenCache[] => {
    const perGroup = block.part('attention').count('n_heads_in_group');
    return perGroup ? [full(2 * Math.floor(heads / perGroup) * size)] : [];
  });
};

/** mlx_lm/models/nanbeige.py: the layers are gone through several times. */
const nanbeige: Caches = (config) => {
  const times = Math.min(config.count('num_loops') ?? 1, 16);
  return perLayer(config.layers() * times, () => full(keysAndValues(config)));
};

/** mlx_lm/models/iquestloopcoder.py: a second, windowed cache for each layer. */
const iquestLoopCoder: Caches = (config) => {
  const values = keysAndValues(config);
  const layers = config.layers();
  const window = config.count('loop_window_size') ?? 64;
  return [
    ...perLayer(layers, () => full(values)),
    ...perLayer(layers, () => windowOf(values, window)),
  ];
};

/** By `layer_types`; where there are none, by what the architecture does then. */
function byLayerType(otherwise: (index: number) => boolean = () => false): Caches {
  return (config) => {
    const types = config.texts('layer_types');
    const values = keysAndValues(config);
    return perLayer(config.layers(), (index) => {
      const windowed = types ? types[index] === 'sliding_attention' : otherwise(index);
      return windowed ? windowOf(values, config.need('sliding_window')) : full(values);
    });
  };
}

/** Every so many layers one keeps every token; `usual`: the pattern where the config names none. */
function byPattern(usual: number, usualWindow: number): Caches {
  return (config) => {
    const pattern = config.count('sliding_window_pattern') || usual;
    const values = keysAndValues(config);
    const window = config.count('sliding_window', 'window_size') ?? usualWindow;
    return perLayer(config.layers(), (index) =>
      (index + 1) % pattern === 0 ? full(values) : windowOf(values, window),
    );
  };
}

/** mlx_lm/models/gemma3.py, gemma3_text.py: the heads that a config leaves out are these. */
const gemma3: Caches = (config) => {
  const heads = config.count('num_key_value_heads') ?? 4;
  const values = 2 * heads * (config.count('head_dim') ?? 256);
  const pattern = config.count('sliding_window_pattern') || 6;
  const window = config.count('sliding_window') ?? 512;
  return perLayer(config.layers(), (index) =>
    (index + 1) % pattern === 0 ? full(values) : windowOf(values, window),
  );
};

/** mlx_lm/models/gemma3n.py: the last layers use what earlier ones keep. */
const gemma3n: Caches = (config) => {
  const types = config.texts('layer_types') ?? [];
  const values = keysAndValues(config);
  const own = ownLayers(config, config.count('num_kv_shared_layers'));
  return perLayer(own, (index) =>
    types[index] === 'full_attention'
      ? full(values)
      : windowOf(values, config.need('sliding_window')),
  );
};

/** mlx_lm/models/gemma4_text.py: the same, and layers that keep every token have heads of their own. */
const gemma4: Caches = (config) => {
  const types = config.texts('layer_types');
  const pattern = config.count('sliding_window_pattern') || 5;
  const heads = config.count('num_key_value_heads') ?? 1;
  const globalHeads = config.flag('attention_k_eq_v')
    ? (config.count('num_global_key_value_heads') ?? heads)
    : heads;
  const local = 2 * heads * (config.count('head_dim') ?? 256);
  const global = 2 * globalHeads * (config.count('global_head_dim') || 512);
  const own = ownLayers(config, config.count('num_kv_shared_layers') ?? 20);
  return perLayer(own, (index) => {
    const isFull = types ? types[index] === 'full_attention' : (index + 1) % pattern === 0;
    return isFull ? full(global) : windowOf(local, config.count('sliding_window') ?? 512);
  });
};

/** mlx_lm/models/exaone4.py: a pattern of letters, L for a window. */
const exaone4: Caches = (config) => {
  const pattern = config.text('sliding_window_pattern') ?? '';
  const values = keysAndValues(config);
  return perLayer(config.layers(), (index) =>
    pattern[index % pattern.length] === 'L'
      ? windowOf(values, config.need('sliding_window'))
      : full(values),
  );
};

/** mlx_lm/models/mimo_v2_flash.py: windowed layers have other heads, and values are of another size. */
const mimoV2: Caches = (config) => {
  const pattern = config.counts('hybrid_layer_pattern') ?? [];
  const values = kvHeads(config) * (headSize(config) + config.need('v_head_dim'));
  return perLayer(config.layers(), (index) => {
    if (pattern[index] !== 1) return full(values);
    const size = config.need('swa_head_dim') + config.need('swa_v_head_dim');
    const windowed = config.need('swa_num_key_value_heads') * size;
    return windowOf(windowed, config.need('sliding_window_size'));
  });
};

/** mlx_lm/models/step3p5.py */
const step3p5: Caches = (config) => {
  const types = config.texts('layer_types');
  const other = config.part('attention_other_setting').count('num_attention_groups');
  const size = config.need('head_dim');
  const heads = config.need('num_attention_groups');
  return perLayer(config.layers(), (index) => {
    const windowed = types ? types[index] === 'sliding_attention' : index % 2 === 0;
    if (!windowed) return full(2 * heads * size);
    return windowOf(2 * (other ?? heads) * size, config.count('sliding_window') ?? 512);
  });
};

/** mlx_lm/models/llama4.py: three of four layers attend within a chunk. */
const llama4: Caches = (config) => {
  const values = keysAndValues(config);
  return perLayer(config.layers(), (index) =>
    (index + 1) % 4 === 0
      ? full(values)
      : { kind: 'chunks', values, chunk: config.need('attention_chunk_size') },
  );
};

/** mlx_lm/models/baichuan_m1.py: besides, the newest key and value before they are mixed. */
const baichuanM1: Caches = (config, type) => {
  const windowed = new Set(config.counts('sliding_window_layers'));
  const hidden = config.need('hidden_size');
  return perLayer(config.layers(), (index) => {
    const isWindow = windowed.has(index);
    const ownHeads = isWindow ? config.count('num_swa_attention_heads') : undefined;
    const ownKv = isWindow ? config.count('num_swa_key_value_heads') : undefined;
    const size = Math.floor(hidden / (ownHeads || config.need('num_attention_heads')));
    const values = 2 * (ownKv || kvHeads(config)) * size;
    const kept = isWindow ? windowOf(values, config.need('sliding_window')) : fullAsIs(values);
    return [state(0, values, type), kept];
  });
};

function ownLayers(config: ConfigFields, shared = 0): number {
  return Math.max(0, config.layers() - shared);
}

const SAME_AS_LLAMA = [
  'apertus',
  'bailing_moe',
  'bitnet',
  'cohere',
  'deepseek',
  'dots1',
  'ernie4_5',
  'ernie4_5_moe',
  'exaone',
  'gemma',
  'gemma2',
  'glm',
  'glm4',
  'glm4_moe',
  'gpt_neox',
  'granite',
  'granitemoe',
  'helium',
  'hunyuan',
  'hunyuan_v1_dense',
  'internlm2',
  'internlm3',
  'Klear',
  'llama4_text',
  'mimo',
  'minicpm',
  'minimax',
  'mixtral',
  'nanochat',
  'nemotron',
  'olmo2',
  'olmoe',
  'phi',
  'phi3',
  'phi3small',
  'phimoe',
  'qwen2',
  'qwen2_moe',
  'qwen2_vl',
  'qwen2_vl_text',
  'qwen2_5_vl_text',
  'qwen3',
  'qwen3_moe',
  'qwen3_omni_moe',
  'qwen3_omni_moe_text',
  'qwen3_vl',
  'qwen3_vl_moe',
  'qwen3_vl_text',
  'qwen3_vl_moe_text',
  'seed_oss',
  'smollm3',
  'solar_open',
  'stablelm',
  'starcoder2',
  'telechat3',
] as const;

/** Where an architecture is not known: each layer keeps every token, unless it says that it has a window. */
export const usualAttention = byLayerType();

export const ATTENTION: Architectures = {
  ...Object.fromEntries(SAME_AS_LLAMA.map((name) => [name, plain])),
  'nemotron-nas': nemotronNas,
  nanbeige,
  iquestloopcoder: iquestLoopCoder,
  llama: byLayerType(),
  ministral3: byLayerType(),
  afmoe: byLayerType(),
  mellum: byLayerType(),
  muse_glimmer: byLayerType(),
  muse_spark: byLayerType(),
  pixtral: byLayerType(),
  laguna: byLayerType(),
  exaone_moe: byLayerType(),
  gpt_oss: byLayerType((index) => index % 2 === 0),
  olmo3: byLayerType((index) => (index + 1) % 4 !== 0),
  spark2_5: byLayerType((index) => (index + 1) % 4 !== 0),
  cohere2: byPattern(4, 4096),
  plamo3: byPattern(8, 2048),
  gemma3,
  gemma3_text: gemma3,
  gemma3n,
  gemma3n_text: gemma3n,
  gemma4,
  gemma4_text: gemma4,
  exaone4,
  mimo_v2_flash: mimoV2,
  step3p5,
  llama4,
  baichuan_m1: baichuanM1,
};
