import { type Architectures, type Caches, headSize, kvHeads } from './architecture';
import type { ConfigFields } from './config-fields';
import { fullAsIs, groupsOf, newest, openGroup, perLayer } from './token-cache';

/**
 * mlx_lm/models/deepseek_v41.py: each layer keeps the newest tokens; some besides, in 32 bits, one entry for each whole
 * group of tokens with what the indexer selects by, and the tokens of the group that is not whole yet.
 */
const deepseekV41: Caches = (config, { bytes }) => {
  const size = config.count('head_dim') ?? 512;
  const ratios = config.counts('compress_ratios') ?? [];
  const sources = new Set(config.counts('kv_source_layer_ids'));
  const indexed = new Set(config.counts('index_source_layer_ids'));
  const window = newest(size * bytes, config.count('sliding_window') ?? 128);
  return perLayer(config.layers(40), (index) => {
    const ratio = ratios[index] ?? 0;
    if (ratio === 0 || !sources.has(index)) return window;
    const keys = indexed.has(index) ? (config.count('index_head_dim') ?? 128) : 0;
    return [window, groupsOf((size + keys) * 4, ratio), openGroup(2 * size * 4, ratio)];
  });
};

/** In the config itself, or in its part for it, which counts first. */
function sparseField(config: ConfigFields, inPart: string, own: string): number | undefined {
  return config.part('sparse_attention_config').count(inPart) ?? config.count(own);
}

/** mlx_lm/models/minimax_m3_vl.py: layers that select blocks keep the keys that they select by as well. */
const minimaxM3: Caches = (config) => {
  const part = config.part('sparse_attention_config');
  const often = part.counts('sparse_attention_freq') ?? config.counts('sparse_attention_freq');
  const types = config.texts('layer_types');
  const selects = sparseField(config, 'sparse_block_size', 'index_block_size') !== undefined;
  const values = 2 * kvHeads(config) * headSize(config);
  const keys = sparseField(config, 'sparse_index_dim', 'index_head_dim') ?? 0;
  return perLayer(config.layers(), (index) => {
    const isSparse = types ? types[index] !== 'full_attention' : (often?.[index] ?? 1) > 0;
    return selects && isSparse ? [fullAsIs(values), fullAsIs(keys)] : fullAsIs(values);
  });
};

/** Attention to tokens that are selected: what is selected by is kept as well. */
export const SPARSE: Architectures = {
  deepseek_v41: deepseekV41,
  minimax_m3_vl: minimaxM3,
};
