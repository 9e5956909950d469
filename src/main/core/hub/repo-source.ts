import type { ModelSource } from '../verdict/model-source';
import { standIn, tensorNames } from '../verdict/safetensors';
import type { RepoFile } from './model-files';

/** Reads of a repository's files at one commit. */
export interface RepoReads {
  text(path: string): Promise<string>;
  /** Bytes from `start` up to `end`, not counting it. */
  range(path: string, start: number, end: number): Promise<Buffer>;
}

/** A larger text file is not fetched to be looked at. */
const MAX_TEXT_BYTES = 20_000_000;
/** Up to here a file is read as a whole instead of at both ends. */
const WHOLE_BYTES = 500_000;
/** No weights are so small: it may be what stands in for them. */
const POINTER_BYTES = 1024;
const START_BYTES = 512;
const END_BYTES = 64;
const FIRST_HEADER_BYTES = 262_144;
const MAX_HEADER_BYTES = 20_000_000;

/**
 * A model on a hub, of which as little is fetched as a verdict needs. Weights are taken as whole, since the hub knows
 * their sizes and hashes.
 */
export function repoSource(files: readonly RepoFile[], reads: RepoReads): ModelSource {
  const sizes = new Map(files.map(({ path, size }) => [path, size]));
  const texts = new Map<string, Promise<string | undefined>>();
  const tensors = new Map<string, Promise<string[] | undefined>>();
  const text = async (name: string): Promise<string | undefined> => {
    const size = sizes.get(name);
    if (size === undefined || size > MAX_TEXT_BYTES) return undefined;
    const reading = texts.get(name) ?? known(reads.text(name));
    texts.set(name, reading);
    return reading;
  };
  return {
    isHere: false,
    files: files.map(({ path, size }) => ({ name: path, size })),
    text,
    edges: async (name) => {
      const size = sizes.get(name) ?? 0;
      if (size <= WHOLE_BYTES) {
        const whole = await text(name);
        return whole === undefined ? undefined : { start: whole, end: whole };
      }
      const [start, end] = await Promise.all([
        known(reads.range(name, 0, START_BYTES)),
        known(reads.range(name, size - END_BYTES, size)),
      ]);
      return start && end && { start: start.toString('utf8'), end: end.toString('utf8') };
    },
    header: async (name) => {
      const size = sizes.get(name) ?? 0;
      if (size < 8) return { problem: 'is empty or truncated', plain: 0, scales: 0 };
      if (size > POINTER_BYTES) return undefined;
      const other = standIn((await text(name)) ?? '');
      return other && { problem: other.problem, needed: other.size, plain: 0, scales: 0 };
    },
    tensors: (name) => {
      const reading =
        tensors.get(name) ?? known(readTensorNames(name, sizes.get(name) ?? 0, reads));
      tensors.set(name, reading);
      return reading;
    },
  };
}

async function readTensorNames(
  name: string,
  size: number,
  reads: RepoReads,
): Promise<string[] | undefined> {
  const first = await reads.range(name, 0, Math.min(size, FIRST_HEADER_BYTES));
  const length = first.length < 8 ? Number.NaN : Number(first.readBigUInt64LE(0));
  if (!(length <= Math.min(size - 8, MAX_HEADER_BYTES))) return undefined;
  const header =
    first.length >= 8 + length
      ? first.subarray(8, 8 + length)
      : await reads.range(name, 8, 8 + length);
  return tensorNames(JSON.parse(header.toString('utf8')));
}

/** What cannot be read now is not known: nothing is held against a repository for it. */
function known<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch(() => undefined);
}
