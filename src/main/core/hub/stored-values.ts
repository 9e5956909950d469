import { z } from 'zod';

import type { ListedModel } from './hub-client';

/** Bytes of one value of each number type of safetensors. */
const BYTES: Readonly<Record<string, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  BF16: 2,
  F16: 2,
  I16: 2,
  U16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F4: 0.5,
};

/** Number types that other quantisations than MLX's pack several weights into. */
const PACKED_ELSEWHERE = ['I32', 'U8', 'I8'] as const;

/** Bits of a group's scale, and its offset where it has one (mlx.core.quantize). */
const GROUP_BITS: Readonly<Record<string, number>> = { affine: 32, mxfp4: 8, mxfp8: 8, nvfp4: 8 };
const GROUP_SIZES: Readonly<Record<string, number>> = {
  affine: 64,
  mxfp4: 32,
  mxfp8: 32,
  nvfp4: 16,
};

const Width = z.number().int().min(1).max(16);
const Own = z.looseObject({
  bits: Width.optional().catch(undefined),
  group_size: z.number().int().min(1).max(65_536).optional().catch(undefined),
  mode: z.string().max(20).optional().catch(undefined),
  quant_method: z.string().max(50).optional().catch(undefined),
});
const Config = z.object({
  quantization: Own.optional().catch(undefined),
  quantization_config: Own.optional().catch(undefined),
});

/** How a model's weights are quantised, as its config.json says. */
interface Quantisation {
  readonly bits?: number | undefined;
  readonly groupSize: number;
  readonly mode: string;
  /** Some modules have other bits than the rest. */
  readonly mixed: boolean;
  /** Quantised by another tool than MLX. */
  readonly foreign: boolean;
}

function quantisationOf(config: unknown): Quantisation {
  const { data } = Config.safeParse(config);
  const own = data?.quantization ?? data?.quantization_config;
  const mode = own?.mode !== undefined && Object.hasOwn(GROUP_BITS, own.mode) ? own.mode : 'affine';
  const others = Object.values(own ?? {}).map((value) => Own.safeParse(value).data?.bits);
  return {
    bits: own?.bits,
    groupSize: own?.group_size ?? GROUP_SIZES[mode] ?? 64,
    mode,
    mixed: others.some((bits) => bits !== undefined && bits !== own?.bits),
    foreign: own?.quant_method !== undefined && own.quant_method !== 'mlx',
  };
}

/** What the hub counts under U32. */
export type Counted = 'weights' | 'words';

/**
 * Since August 2026 the hub counts quantised weights one by one and leaves their scales out
 * (huggingface.js pull request 2415); of models that it looked at before, it counts words of 32 bits, and
 * beside them the scale and the offset of each group. Undefined where it could be both: many values that
 * are not quantised, such as those of a vision tower, look like scales.
 */
export function countedAs(
  stored: Readonly<Record<string, number>>,
  { bits, groupSize = 64 }: { bits?: number | undefined; groupSize?: number | undefined },
): Counted | undefined {
  if (bits === undefined) return undefined;
  // Scales that are no floating-point values.
  if (stored.U8 !== undefined) return 'words';
  const floats = (stored.BF16 ?? 0) + (stored.F16 ?? 0) + (stored.F32 ?? 0);
  const scales = (2 * (stored.U32 ?? 0) * 32) / bits / groupSize;
  if (floats < scales) return 'weights';
  return floats < 1.1 * scales ? 'words' : undefined;
}

/**
 * Bytes of the weights by what the hub counts: values per number type. Undefined where that does not tell;
 * the files do.
 */
export function storedBytes(stored: ListedModel['stored'], config: unknown): number | undefined {
  if (!stored || Object.keys(stored).length === 0) return undefined;
  const quantisation = quantisationOf(config);
  // Of these it counts weights as well, of several widths, and not their scales.
  if (quantisation.foreign && PACKED_ELSEWHERE.some((type) => stored[type])) return undefined;
  const perWord = stored.U32 ? wordBytes(stored, quantisation) : 4;
  if (perWord === undefined) return undefined;
  let bytes = 0;
  for (const [type, count] of Object.entries(stored)) {
    const width = type === 'U32' ? perWord : BYTES[type];
    if (width === undefined || !Number.isFinite(count) || count < 0) return undefined;
    bytes += width * count;
  }
  return Math.round(bytes);
}

/** Bytes of one value that is counted under U32. */
function wordBytes(
  stored: Readonly<Record<string, number>>,
  { bits, groupSize, mode, mixed }: Quantisation,
): number | undefined {
  const counted = countedAs(stored, { bits, groupSize });
  if (counted === 'words') return 4;
  if (counted === undefined || bits === undefined || mixed) return undefined;
  return (bits + (GROUP_BITS[mode] ?? 32) / groupSize) / 8;
}
