import type { LayerCache, ModelShape } from './model-shape';

export interface CacheUse {
  /** Tokens of one request. */
  readonly tokens: number;
  readonly concurrency: number;
  /** Bits of a quantised cache. */
  readonly kvBits?: number | undefined;
  readonly kvGroupSize?: number | undefined;
}

/** A cache grows by so many tokens at once (mlx_lm/models/cache.py, `step`). */
const STEP = 256;

/** Bytes that mlx-lm keeps for the tokens of all requests at once. */
export function kvCacheBytes(shape: ModelShape, use: CacheUse): number {
  const one = shape.layers.reduce((sum, layer) => sum + layerBytes(layer, shape, use), 0);
  return one * use.concurrency;
}

function layerBytes(layer: LayerCache, { valueBytes }: ModelShape, use: CacheUse): number {
  if (layer.kind === 'state') return layer.bytes;
  const grown = Math.ceil(use.tokens / STEP) * STEP;
  if (layer.kind === 'window') {
    return Math.min(grown, Math.max(layer.window, 1)) * layer.valuesPerToken * valueBytes;
  }
  if (layer.kind === 'chunks') {
    return Math.min(grown, layer.chunk + STEP) * layer.valuesPerToken * valueBytes;
  }
  const bytes = layer.quantises ? quantisedBytes(valueBytes, use) : valueBytes;
  return grown * layer.valuesPerToken * bytes;
}

/** A quantised value has its bits, and each group a scale and a bias. */
function quantisedBytes(valueBytes: number, { kvBits, kvGroupSize = 64 }: CacheUse): number {
  return kvBits === undefined ? valueBytes : kvBits / 8 + (2 * valueBytes) / kvGroupSize;
}
