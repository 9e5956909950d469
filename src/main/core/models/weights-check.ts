import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

import { type FileFacts, inodeOf, stampOf } from './disk';

/** The format's own limit for the header (safetensors, `MAX_HEADER_SIZE`). */
const MAX_HEADER_BYTES = 100_000_000;
/** Most headers are in the first read. */
const FIRST_READ_BYTES = 65_536;

/** What the header of a safetensors file says. */
export interface WeightsFacts {
  /** What is wrong with the file. */
  readonly problem?: string | undefined;
  /** Bytes that a whole file of this header has, where this one is cut off. */
  readonly needed?: number | undefined;
  /** Values that are stored as they are. */
  readonly plain: number;
  /** Scales of quantised weights: each stands for a group of values. */
  readonly scales: number;
  /** The same header means the same tensors, not yet the same values. */
  readonly header?: string | undefined;
}

interface Tensor {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}

/** Reads weights files by their headers; remembers each answer until the file changes. */
export class WeightsCheck {
  readonly #known = new Map<string, { readonly stamp: string; readonly facts: WeightsFacts }>();

  async read(file: FileFacts): Promise<WeightsFacts> {
    const stamp = stampOf(file);
    const known = this.#known.get(inodeOf(file));
    if (known?.stamp === stamp) return known.facts;
    const facts = await readWeights(file);
    this.#known.set(inodeOf(file), { stamp, facts });
    return facts;
  }
}

/** Compares the length that the header promises with the file's, and counts what it lists. */
async function readWeights({ file, size }: FileFacts): Promise<WeightsFacts> {
  if (size < 8) return broken('is empty or cut off');
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    return broken(`cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    const first = await read(handle, 0, Math.min(size, FIRST_READ_BYTES));
    const length = Number(first.readBigUInt64LE(0));
    if (length > MAX_HEADER_BYTES) return broken('is damaged: it is no safetensors file');
    if (8 + length > size) return broken(`is cut off: even its header needs ${8 + length} bytes`);
    const header =
      first.length >= 8 + length ? first.subarray(8, 8 + length) : await read(handle, 8, length);
    const { plain, scales, end } = sumTensors(JSON.parse(header.toString('utf8')));
    const needed = 8 + length + end;
    const digest = createHash('sha256').update(header).digest('hex').slice(0, 16);
    if (needed > size) return { ...broken(`is cut off: ${size} of ${needed} bytes`), needed };
    return { plain, scales, header: digest };
  } catch {
    return broken('is damaged: its header cannot be read');
  } finally {
    await handle.close();
  }
}

function broken(problem: string): WeightsFacts {
  return { problem, plain: 0, scales: 0 };
}

/**
 * Adds up a header's tensors. By hand and not by a schema: it has thousands of entries. Throws on one that
 * is no tensor. MLX stores a quantised weight as U32 with `.scales` and, mostly, `.biases` beside it.
 */
function sumTensors(header: unknown): { plain: number; scales: number; end: number } {
  if (typeof header !== 'object' || header === null) throw new Error('no header');
  let plain = 0;
  let scales = 0;
  let end = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets }: Tensor = value ?? {};
    if (!Array.isArray(offsets) || !Number.isFinite(offsets[1])) throw new Error('no tensor');
    end = Math.max(end, Number(offsets[1]));
    const count = Array.isArray(shape)
      ? shape.reduce((product: number, size: unknown) => product * Number(size), 1)
      : 0;
    if (name.endsWith('.scales')) scales += count;
    else if (!name.endsWith('.biases') && dtype !== 'U32') plain += count;
  }
  return { plain, scales, end };
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
