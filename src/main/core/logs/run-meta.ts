import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * What stands beside a run's log file, one JSON object a line: the engine's bytes stay untouched, and
 * times, the manager's own lines and rotations are found again by a later manager.
 * `at` and `to` count the engine's bytes over all segments of the run; `n` counts lines.
 */
const Entry = z.discriminatedUnion('t', [
  z.object({ t: z.literal('start'), time: z.string() }),
  /** A line begins at this byte with this number: reading may begin here. */
  z.object({ t: z.literal('mark'), at: z.number(), n: z.number(), time: z.number() }),
  /** The engine went back up to line `n` and may have changed it: the marks after it tell times only. */
  z.object({ t: z.literal('back'), n: z.number() }),
  z.object({ t: z.literal('note'), n: z.number(), time: z.number(), text: z.string() }),
  /**
   * The bytes up to `to` were moved into the segment with this number, or are lost where it has none.
   * `n` is the number of the line that the next byte belongs to.
   */
  z.object({
    t: z.literal('segment'),
    segment: z.number().optional(),
    to: z.number(),
    n: z.number(),
  }),
  /** What a segment was called before the lines of a terminal were counted. */
  z.object({ t: z.literal('piece'), piece: z.number(), to: z.number() }),
  z.object({
    t: z.literal('end'),
    time: z.string(),
    ended: z.string(),
    outcome: z.enum(['stopped', 'failed']),
    /** Number after the last line; absent where more was written than was read by then. */
    n: z.number().optional(),
  }),
]);
export type MetaEntry = z.infer<typeof Entry>;

export interface Mark {
  readonly at: number;
  readonly n: number;
  readonly time: number;
}

export interface Note {
  readonly n: number;
  readonly time: number;
  readonly text: string;
}

/** A part of a run that is no longer in the file that is written to. */
export interface PastSegment {
  /** Number of its file; undefined where it is lost. */
  readonly segment: number | undefined;
  readonly to: number;
  readonly n: number;
}

/** Everything known about a run besides its bytes. */
export interface RunMeta {
  startedAt: string;
  /** When lines began, by number. */
  marks: Mark[];
  /** Those of the marks at which reading may begin. */
  starts: Mark[];
  notes: Note[];
  segments: PastSegment[];
  end:
    | { time: string; ended: string; outcome: 'stopped' | 'failed'; n?: number | undefined }
    | undefined;
}

export function emptyMeta(startedAt: string): RunMeta {
  return { startedAt, marks: [], starts: [], notes: [], segments: [], end: undefined };
}

export function addEntry(meta: RunMeta, entry: MetaEntry): void {
  switch (entry.t) {
    case 'start':
      meta.startedAt = entry.time;
      break;
    case 'mark':
      meta.marks.push(entry);
      meta.starts.push(entry);
      break;
    case 'back':
      while ((meta.starts.at(-1)?.n ?? entry.n) > entry.n) meta.starts.pop();
      break;
    case 'note':
      meta.notes.push(entry);
      break;
    case 'segment':
      addSegment(meta, { segment: entry.segment, to: entry.to, n: entry.n });
      break;
    case 'piece':
      addSegment(meta, { segment: entry.piece, to: entry.to, n: 0 });
      break;
    case 'end':
      meta.end = entry;
      break;
  }
}

/** What is lost in one go is one segment, however often something was given up. */
function addSegment(meta: RunMeta, segment: PastSegment): void {
  const isLost = segment.segment === undefined;
  if (isLost && meta.segments.at(-1)?.segment === undefined) meta.segments.pop();
  meta.segments.push(segment);
}

/** Reads a run's meta file; a line that was cut off by a crash is left out. */
export async function readMeta(file: string): Promise<RunMeta | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const meta = emptyMeta(new Date(0).toISOString());
  for (const line of text.split('\n')) {
    const entry = parseEntry(line);
    if (entry) addEntry(meta, entry);
  }
  return meta;
}

function parseEntry(line: string): MetaEntry | undefined {
  if (line === '') return undefined;
  try {
    return Entry.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // the last line of a manager that was killed while writing it
  }
}

/** Adds entries to a meta file; `onNewLine` where its last line may be half of one. */
export async function appendMeta(
  file: string,
  entries: readonly MetaEntry[],
  onNewLine: boolean,
): Promise<void> {
  const lines = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  await appendFile(file, onNewLine ? `\n${lines}` : lines, { mode: 0o600 });
}

/** The last of these marks at or before line `n`. */
export function markBefore(marks: readonly Mark[], n: number): Mark | undefined {
  let low = 0;
  let high = marks.length - 1;
  let found: Mark | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const mark = marks[middle];
    if (mark === undefined) break;
    if (mark.n <= n) {
      found = mark;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found;
}
