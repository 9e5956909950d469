import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';

import { writeFileDurably } from '../storage/durable-file';

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
   * `n` is the number of the line that the next byte belongs to. `pruned`: their files were too many.
   */
  z.object({
    t: z.literal('segment'),
    segment: z.number().optional(),
    to: z.number(),
    n: z.number(),
    pruned: z.boolean().optional(),
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
  /** Lost because only so many files are kept, not for want of room. */
  readonly pruned?: boolean | undefined;
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
      addSegment(meta, {
        segment: entry.segment,
        to: entry.to,
        n: entry.n,
        pruned: entry.pruned,
      });
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

/**
 * Leaves out what is known of bytes before this one, of which no file is left: the segments there are one that is
 * lost. The last mark stays, from which numbers are counted on.
 * @returns whether there was anything.
 */
export function forgetBefore(meta: RunMeta, at: number): boolean {
  const gone = meta.segments.filter(({ to }) => to <= at);
  const last = gone.at(-1);
  if (last === undefined || gone.every(({ segment }) => segment === undefined)) return false;
  meta.segments = [
    { segment: undefined, to: last.to, n: last.n, pruned: true },
    ...meta.segments.slice(gone.length),
  ];
  const newest = meta.marks.at(-1);
  meta.marks = meta.marks.filter((mark) => mark.at >= at || mark === newest);
  meta.starts = meta.starts.filter((mark) => mark.at >= at);
  meta.notes = meta.notes.filter(({ n }) => n >= last.n);
  return true;
}

/** Entries that tell the same as all from which this came. */
export function entriesOf({
  startedAt,
  segments,
  marks,
  starts,
  notes,
  end,
}: RunMeta): MetaEntry[] {
  const isStart = new Set(starts);
  const places: MetaEntry[] = [];
  let begin: number | undefined;
  for (const [index, mark] of marks.entries()) {
    places.push({ t: 'mark', at: mark.at, n: mark.n, time: mark.time });
    if (isStart.has(mark)) begin = mark.n;
    else if (index + 1 === marks.length || isStart.has(marks[index + 1] as Mark))
      places.push({ t: 'back', n: begin ?? -1 });
  }
  return [
    { t: 'start', time: startedAt },
    ...segments.map(
      ({ segment, to, n, pruned }): MetaEntry => ({
        t: 'segment',
        ...(segment === undefined ? {} : { segment }),
        to,
        n,
        ...(pruned ? { pruned } : {}),
      }),
    ),
    ...places,
    ...notes.map(({ n, time, text }): MetaEntry => ({ t: 'note', n, time, text })),
    ...(end ? [{ t: 'end' as const, ...end }] : []),
  ];
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
  const lines = linesOf(entries);
  await appendFile(file, onNewLine ? `\n${lines}` : lines, { mode: 0o600 });
}

/** Puts a meta file with these entries in the place of the one that is there. */
export async function replaceMeta(file: string, entries: readonly MetaEntry[]): Promise<void> {
  await writeFileDurably(file, linesOf(entries));
}

function linesOf(entries: readonly MetaEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
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
