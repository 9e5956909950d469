import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

import { standIn, sumTensors, tensorNames, type WeightsHeader } from '../verdict/safetensors';
import { type FileFacts, inodeOf, stampOf } from './disk';

/** The format's own limit for the header (safetensors, `MAX_HEADER_SIZE`). */
const MAX_HEADER_BYTES = 100_000_000;
/** Most headers are in the first read. */
const FIRST_READ_BYTES = 65_536;

/** What the header of a safetensors file on this disk says. */
export interface WeightsFacts extends WeightsHeader {
  /** The same header means the same tensors, not yet the same values. */
  readonly header?: string | undefined;
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

  /** Names of the tensors; undefined where the header cannot be read. */
  async tensors({ file, size }: FileFacts): Promise<string[] | undefined> {
    try {
      const header = await withFile(file, (handle) => readHeader(handle, size));
      return header && tensorNames(JSON.parse(header.toString('utf8')));
    } catch {
      return undefined;
    }
  }
}

/** Compares the length that the header promises with the file's, and counts what it lists. */
async function readWeights({ file, size }: FileFacts): Promise<WeightsFacts> {
  if (size < 8) return broken('is empty or truncated');
  // NumPy's format lists nothing at its beginning.
  if (file.endsWith('.npz')) return { plain: 0, scales: 0 };
  try {
    return await withFile(file, (handle) => readTensors(handle, size));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return broken(
      code === undefined ? "is damaged: its header can't be read" : `can't be read (${code})`,
    );
  }
}

async function readTensors(handle: FileHandle, size: number): Promise<WeightsFacts> {
  const first = await read(handle, 0, Math.min(size, FIRST_READ_BYTES));
  const other = standIn(first.toString('utf8', 0, 512));
  if (other) return { ...broken(other.problem), needed: other.size };
  const length = Number(first.readBigUInt64LE(0));
  if (length > MAX_HEADER_BYTES) return broken("is damaged: it isn't a safetensors file");
  if (8 + length > size) return broken(`is truncated: just its header needs ${8 + length} bytes`);
  const header = await readHeader(handle, size, first);
  if (!header) return broken("is damaged: its header can't be read");
  const { plain, scales, end, unread } = sumTensors(JSON.parse(header.toString('utf8')));
  const needed = 8 + length + end;
  if (needed > size) return { ...broken(`is truncated: ${size} of ${needed} bytes`), needed };
  const digest = createHash('sha256').update(header).digest('hex').slice(0, 16);
  return { plain, scales, unread, header: digest };
}

/**
 * Undefined where the file cannot hold the header that it promises.
 * @param start the file's first bytes, where they were read already.
 */
async function readHeader(
  handle: FileHandle,
  size: number,
  start?: Buffer,
): Promise<Buffer | undefined> {
  const first = start ?? (await read(handle, 0, Math.min(size, FIRST_READ_BYTES)));
  const length = first.length < 8 ? Number.NaN : Number(first.readBigUInt64LE(0));
  if (!(length <= Math.min(size - 8, MAX_HEADER_BYTES))) return undefined;
  return first.length >= 8 + length ? first.subarray(8, 8 + length) : read(handle, 8, length);
}

async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'r');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

function broken(problem: string): WeightsFacts {
  return { problem, plain: 0, scales: 0 };
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  // Only what was read of it is given on.
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
