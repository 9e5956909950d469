import { type ConfigFields, MissingField } from './config-fields';
import {
  full,
  fullAsIs,
  type NumberType,
  perLayer,
  state,
  type TokenCache,
  windowOf,
} from './token-cache';
import { type Architectures, type Caches, keysAndValues } from './architecture';

/** Mamba's first kind: the tail of its convolution and its state, both in the model's type. */
function mamba1(width: number, kernel: number, size: number, type: NumberType): TokenCache {
  return state(0, width * (kernel - 1 + size), type);
}

interface Mamba2 {
  readonly heads: number;
  readonly headSize: number;
  readonly groups: number;
  readonly size: number;
  readonly kernel: number;
}

/** Mamba's second kind: the state is in 32 bits (ssm.py). */
function mamba2({ heads, headSize, groups, size, kernel }: Mamba2, type: NumberType): TokenCache {
  const width = heads * headSize;
  return state(width * size, (kernel - 1) * (width + 2 * groups * size), type);
}

/** mlx_lm/models/mamba.py */
const mamba: Caches = (config, type) => {
  const width = config.need('intermediate_size', 'd_inner');
  const one = mamba1(
    width,
    config.need('conv_kernel', 'd_conv'),
    config.need('state_size', 'd_state'),
    type,
  );
  return perLayer(config.layers(), () => one);
};

/** mlx_lm/models/mamba2.py */
const mamba2Alone: Caches = (config, type) => {
  const one = mamba2(
    {
      heads: config.need('num_heads'),
      headSize: config.need('head_dim'),
      groups: config.need('n_groups'),
      size: config.need('ssm_state_size', 'state_size'),
      kernel: config.need('conv_kernel'),
    },
    type,
  );
  return perLayer(config.layers(), () => one);
};

/** The fields of Mamba 2 in granitemoehybrid.py and falcon_h1.py. */
function mamba2Of(config: ConfigFields, type: NumberType): TokenCache {
  return mamba2(
    {
      heads: config.need('mamba_n_heads'),
      headSize: config.need('mamba_d_head'),
      groups: config.need('mamba_n_groups'),
      size: config.need('mamba_d_state'),
      kernel: config.need('mamba_d_conv'),
    },
    type,
  );
}

/** mlx_lm/models/jamba.py: layers with attention by a period or a list. */
const jamba: Caches = (config, type) => {
  const types = config.texts('layers_block_type');
  return perLayer(config.layers(), (index) => {
    const attends = types
      ? types[index] === 'attention'
      : index % config.need('attn_layer_period') === (config.count('attn_layer_offset') ?? 0);
    if (attends) return full(keysAndValues(config));
    const width = config.need('mamba_expand') * config.need('hidden_size');
    return mamba1(width, config.need('mamba_d_conv'), config.need('mamba_d_state'), type);
  });
};

/** Kinds of layers that nemotron_h.py takes for M and *. */
const NEMOTRON: ReadonlyMap<string, string> = new Map([
  ['mamba', 'M'],
  ['linear_attention', 'M'],
  ['conv', 'M'],
  ['attention', '*'],
  ['full_attention', '*'],
]);

/** mlx_lm/models/nemotron_h.py: M is Mamba 2, * attention; the others keep nothing. */
const nemotronH: Caches = (config, type) => {
  const named = config.texts('layers_block_type') ?? config.texts('layer_types');
  const pattern =
    config.text('hybrid_override_pattern')?.split('') ??
    config.texts('hybrid_override_pattern') ??
    named?.map((name) => NEMOTRON.get(name) ?? '-');
  if (pattern === undefined) throw new MissingField('hybrid_override_pattern');
  return pattern.flatMap((kind): TokenCache[] => {
    if (kind === '*') return [full(keysAndValues(config))];
    if (kind !== 'M') return [];
    const of = {
      heads: config.need('mamba_num_heads'),
      headSize: config.need('mamba_head_dim'),
      groups: config.need('n_groups'),
      size: config.need('ssm_state_size'),
      kernel: config.need('conv_kernel'),
    };
    return [mamba2(of, type)];
  });
};

/** mlx_lm/models/granitemoehybrid.py */
const graniteHybrid: Caches = (config, type) => {
  const types = config.texts('layer_types') ?? [];
  return perLayer(config.layers(), (index) =>
    types[index] === 'mamba' ? mamba2Of(config, type) : full(keysAndValues(config)),
  );
};

/** mlx_lm/models/falcon_h1.py: both in every layer. */
const falconH1: Caches = (config, type) =>
  perLayer(config.layers(), () => [mamba2Of(config, type), fullAsIs(keysAndValues(config))]);

/** mlx_lm/models/plamo2.py: one of so many layers has attention; the convolution is of the width alone. */
const plamo2: Caches = (config, type) => {
  const size = config.need('hidden_size_per_head');
  const layers = config.layers();
  const step = config.count('mamba_step') || 2;
  const middle = Math.floor(step / 2);
  return perLayer(layers, (index) => {
    const attends = layers <= middle ? index === layers - 1 : index % step === middle;
    if (attends) return full(2 * config.need('num_key_value_heads') * size);
    const width = config.need('mamba_num_heads') * size;
    const tail = (config.need('mamba_d_conv') - 1) * width;
    return state(width * config.need('mamba_d_state'), tail, type);
  });
};

/** mlx_lm/models/recurrent_gemma.py: one head of keys and values in a window, else a recurrent unit. */
const recurrentGemma: Caches = (config, type) => {
  const kinds = config.texts('block_types') ?? config.texts('_block_types') ?? [];
  const hidden = config.need('hidden_size');
  return perLayer(config.layers(), (index) => {
    if (kinds[index % kinds.length] === 'recurrent') {
      return state(0, hidden * config.need('conv1d_width'), type);
    }
    const size = Math.floor(hidden / config.need('num_attention_heads'));
    return windowOf(2 * size, config.need('attention_window_size'));
  });
};

/** State-space models, alone and between layers with attention. */
export const STATE_SPACE: Architectures = {
  mamba,
  mamba2: mamba2Alone,
  jamba,
  nemotron_h: nemotronH,
  granitemoehybrid: graniteHybrid,
  falcon_h1: falconH1,
  plamo2,
  recurrent_gemma: recurrentGemma,
};
