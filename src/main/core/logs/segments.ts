import { open, stat } from 'node:fs/promises';
import type { RunMeta } from './run-meta';

/** A part of a run's bytes in a file of its own; the last one is the file that the engine writes to. */
export interface Segment {
  readonly file: string;
  /** First byte of the run that the file holds. */
  readonly from: number;
  /** The byte after its last one; undefined for the file that may still grow. */
  readonly to: number | undefined;
}

const CHUNK_BYTES = 64 * 1024;

/** The file that takes a segment of a run: `7.log` becomes `7.1.log`, `7.2.log`, ... */
export function segmentFile(current: string, segment: number): string {
  return current.replace(/\.log$/, `.${segment}.log`);
}

/** The segments of a run in order, without what was lost; `current` is the file that is written to. */
export function segmentsOf(meta: RunMeta, current: string): Segment[] {
  let from = 0;
  const past = meta.segments.flatMap(({ segment, to }) => {
    const begin = from;
    from = to;
    if (segment === undefined) return [];
    return [{ file: segmentFile(current, segment), from: begin, to }];
  });
  return [...past, { file: current, from, to: undefined }];
}

/** The number for the next segment's file. */
export function nextSegment(meta: RunMeta): number {
  return Math.max(0, ...meta.segments.map(({ segment }) => segment ?? 0)) + 1;
}

/** Those of them whose file is still there. */
export async function existing(segments: readonly Segment[]): Promise<Segment[]> {
  const sizes = await Promise.all(segments.map(({ file }) => sizeOf(file)));
  return segments.filter((_, index) => sizes[index] !== undefined);
}

/** Bytes of a file; undefined where there is none. */
export async function sizeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    (info) => info.size,
    () => undefined,
  );
}

/** Runs of segments between which no byte is missing. */
export function unbroken(segments: readonly Segment[]): Segment[][] {
  const groups: Segment[][] = [];
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group && group.at(-1)?.to === segment.from) group.push(segment);
    else groups.push([segment]);
  }
  return groups;
}

/**
 * Gives the bytes of unbroken segments from byte `at` of the run on, in chunks, until `take` returns
 * false. Gives way to everything else between two chunks. Returns the byte after the last one given.
 */
export async function readSegments(
  segments: readonly Segment[],
  at: number,
  take: (chunk: Buffer) => boolean,
): Promise<number> {
  let position = at;
  for (const { file, from, to } of segments) {
    if (to !== undefined && to <= position) continue;
    position = Math.max(position, from);
    const handle = await open(file, 'r').catch(() => undefined);
    // Rotated away or removed meanwhile: its lines are no longer there to be seen.
    if (!handle) continue;
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        const room = Math.min(CHUNK_BYTES, (to ?? Number.POSITIVE_INFINITY) - position);
        const { bytesRead } = await handle.read(buffer, 0, room, position - from);
        if (bytesRead === 0) break;
        position += bytesRead;
        if (!take(buffer.subarray(0, bytesRead))) return position;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      await handle.close();
    }
  }
  return position;
}
