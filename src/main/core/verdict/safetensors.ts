/** What the header of a safetensors file says. */
export interface WeightsHeader {
  /** What is wrong with the file. */
  readonly problem?: string | undefined;
  /** Bytes that a whole file of this header has, where this one is cut off. */
  readonly needed?: number | undefined;
  /** Values that are stored as they are. */
  readonly plain: number;
  /** Scales of quantised weights: each stands for a group of values. */
  readonly scales: number;
  /** A number type that MLX cannot read. */
  readonly unread?: string | undefined;
}

interface Tensor {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}

/** A header's tensors, added up. */
export interface TensorSum {
  readonly plain: number;
  readonly scales: number;
  /** Bytes of the tensors: where the last one ends. */
  readonly end: number;
  readonly unread?: string | undefined;
}

/** Number types that MLX reads (mlx/io/safetensors.cpp; those of 8 bits as bytes). */
const READ_TYPES = new Set([
  ...['BOOL', 'U8', 'U16', 'U32', 'U64', 'I8', 'I16', 'I32', 'I64'],
  ...['F16', 'BF16', 'F32', 'C64', 'F8_E4M3', 'F8_E8M0'],
]);

/**
 * Adds up a header's tensors. By hand and not by a schema: it has thousands of entries. Throws on one that
 * is no tensor. MLX stores a quantised weight as U32 with `.scales` and, mostly, `.biases` beside it.
 */
export function sumTensors(header: unknown): TensorSum {
  if (typeof header !== 'object' || header === null) throw new Error('no header');
  let plain = 0;
  let scales = 0;
  let end = 0;
  let unread: string | undefined;
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      checkMetadata(value);
      continue;
    }
    const { dtype, shape, data_offsets: offsets }: Tensor = value ?? {};
    if (!Array.isArray(offsets) || !Number.isFinite(offsets[1])) throw new Error('no tensor');
    end = Math.max(end, Number(offsets[1]));
    if (!READ_TYPES.has(String(dtype))) unread ??= String(dtype).slice(0, 20);
    const count = Array.isArray(shape)
      ? shape.reduce((product: number, size: unknown) => product * Number(size), 1)
      : 0;
    if (name.endsWith('.scales')) scales += count;
    else if (!name.endsWith('.biases') && dtype !== 'U32') plain += count;
  }
  return { plain, scales, end, ...(unread === undefined ? {} : { unread }) };
}

/** MLX takes what is no object for none, and fails on a value that is no text. */
function checkMetadata(value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  if (Object.values(value).some((one) => typeof one !== 'string')) throw new Error('metadata');
}

const METADATA = '__metadata__';

/** Names of the tensors that a header lists. */
export function tensorNames(header: unknown): string[] {
  if (typeof header !== 'object' || header === null) return [];
  return Object.keys(header).filter((name) => name !== METADATA);
}

const POINTER = 'version https://git-lfs.github.com/spec/v1';

/**
 * What stands in a file in place of what it should hold: git-lfs leaves a pointer of some hundred bytes where
 * a repository was cloned without it, and servers answer with a page where they have no file.
 * @param start the first bytes of the file.
 */
export function standIn(
  start: string,
): { readonly problem: string; readonly size?: number } | undefined {
  if (start.startsWith(POINTER)) {
    const size = /^size (\d{1,15})$/m.exec(start)?.[1];
    return {
      problem:
        'is a Git LFS pointer, not the file itself, because the model was cloned without Git LFS. Run "git lfs pull" in its folder, or download the model again',
      ...(size === undefined ? {} : { size: Number(size) }),
    };
  }
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(start)) {
    return {
      problem: 'contains a web page instead of the file, because its download got an error page',
    };
  }
  return undefined;
}
