import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * What stands beside a run's log file, one JSON object a line: the engine's bytes stay untouched, and
 * times, the manager's own lines and rotations are found again by a later manager.
 * `at` counts the engine's bytes over all pieces of the run; `n` counts lines.
 */
const Entry = z.discriminatedUnion('t', [
  z.object({ t: z.literal('start'), time: z.string() }),
  /** A line begins at this byte with this number. */
  z.object({ t: z.literal('mark'), at: z.number(), n: z.number(), time: z.number() }),
  z.object({ t: z.literal('note'), n: z.number(), time: z.number(), text: z.string() }),
  /** The bytes up to `to` were moved into the piece with this number. */
  z.object({ t: z.literal('piece'), piece: z.number(), to: z.number() }),
  z.object({
    t: z.literal('end'),
    time: z.string(),
    ended: z.string(),
    outcome: z.enum(['stopped', 'failed']),
    n: z.number(),
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

/** Everything known about a run besides its bytes. */
export interface RunMeta {
  startedAt: string;
  marks: Mark[];
  notes: Note[];
  pieces: { piece: number; to: number }[];
  end: { time: string; ended: string; outcome: 'stopped' | 'failed'; n: number } | undefined;
}

export function emptyMeta(startedAt: string): RunMeta {
  return { startedAt, marks: [], notes: [], pieces: [], end: undefined };
}

export function addEntry(meta: RunMeta, entry: MetaEntry): void {
  switch (entry.t) {
    case 'start':
      meta.startedAt = entry.time;
      break;
    case 'mark':
      meta.marks.push(entry);
      break;
    case 'note':
      meta.notes.push(entry);
      break;
    case 'piece':
      meta.pieces.push({ piece: entry.piece, to: entry.to });
      break;
    case 'end':
      meta.end = entry;
      break;
  }
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

export async function appendMeta(file: string, entries: readonly MetaEntry[]): Promise<void> {
  await appendFile(file, `${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`, {
    mode: 0o600,
  });
}

/** The last mark at or before line `n`. */
export function markBefore(marks: readonly Mark[], n: number): Mark {
  let low = 0;
  let high = marks.length - 1;
  let found: Mark = { at: 0, n: 0, time: 0 };
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
