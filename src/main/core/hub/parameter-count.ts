import { z } from 'zod';

import type { ListedModel } from './hub-client';
import { countedAs } from './stored-values';

/** Number types that hold several quantised weights each; all others hold one. */
const PACKED = 'U32';
/** Scales of the quantisations that have no floating ones (mxfp4, nvfp4, mxfp8). */
const SCALES = 'U8';

/**
 * Parameters out of the values that the hub counts by number type. Where quantised weights are counted as
 * words of 32 bits, scales and offsets of their groups are no parameters (mlx_lm/utils.py
 * `get_total_parameters`). Undefined where the bits are not known, or how they are counted. Layers with
 * other bits than the model's make it an estimate.
 */
export function parametersOf(
  stored: ListedModel['stored'],
  { bits, groupSize }: { bits?: number; groupSize?: number },
): number | undefined {
  const counts = Object.entries(stored ?? {}).filter(([, count]) => Number.isFinite(count));
  if (counts.length === 0) return undefined;
  const packed = stored?.[PACKED] ?? 0;
  const plain = counts
    .filter(([type]) => type !== PACKED && (packed === 0 || type !== SCALES))
    .reduce((sum, [, count]) => sum + count, 0);
  if (packed === 0) return plain;
  const counted = countedAs({ ...stored }, { bits, groupSize });
  if (counted === 'weights') return packed + plain;
  if (counted === undefined || bits === undefined) return undefined;
  const quantised = (packed * 32) / bits;
  const groups = groupSize === undefined ? 0 : (2 * quantised) / groupSize;
  return Math.round(quantised + Math.max(0, plain - groups));
}

const size = z.number().int().positive().max(1e7).optional().catch(undefined);
const Experts = z.object({
  num_hidden_layers: size,
  hidden_size: size,
  intermediate_size: size,
  moe_intermediate_size: size,
  num_experts: size,
  n_routed_experts: size,
  num_local_experts: size,
  num_experts_per_tok: size,
  experts_per_token: size,
  first_k_dense_replace: z.number().int().nonnegative().max(10_000).optional().catch(undefined),
  decoder_sparse_step: size,
  mlp_only_layers: z.array(z.number()).max(10_000).optional().catch(undefined),
});

/**
 * Parameters that one token passes through in a mixture of experts: all, without the experts that are not
 * chosen (three matrices each, as in Qwen's, DeepSeek's and Mixtral's). Undefined for other models.
 */
export function activeParametersOf(total: number, config: unknown): number | undefined {
  const parts = z.record(z.string(), z.unknown()).safeParse(config);
  if (!parts.success) return undefined;
  const { text_config: text, ...top } = parts.data;
  const parsed = Experts.safeParse({ ...top, ...(typeof text === 'object' ? text : {}) });
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const experts = data.num_experts ?? data.n_routed_experts ?? data.num_local_experts;
  const chosen = data.num_experts_per_tok ?? data.experts_per_token;
  const inner = data.moe_intermediate_size ?? data.intermediate_size;
  const { num_hidden_layers: layers, hidden_size: hidden } = data;
  if (!experts || !chosen || !inner || !layers || !hidden || chosen >= experts) return undefined;
  const dense = (data.first_k_dense_replace ?? 0) + (data.mlp_only_layers?.length ?? 0);
  const sparse = Math.max(0, layers - dense) / (data.decoder_sparse_step ?? 1);
  const active = total - (experts - chosen) * 3 * hidden * inner * Math.floor(sparse);
  return active > 0 ? active : undefined;
}
