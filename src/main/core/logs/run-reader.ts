import type { LogLine } from '@shared/domain/log';
import { LineCounter } from './line-counter';
import { lineOf, noteLine } from './log-line';
import { LogScreen, type RequestLines } from './log-screen';
import type { Row } from './row';
import { type Mark, markBefore, type RunMeta } from './run-meta';
import { readSegments, type Segment, unbroken } from './segments';
import { SCREEN_ROWS } from './terminal';

/** A run as it lies on disk. */
export interface RunSource {
  readonly meta: RunMeta;
  readonly segments: readonly Segment[];
  readonly requestLines: readonly RequestLines[];
  /** What is never shown of it. */
  readonly secrets: readonly string[];
  /** Whether the engine may still write to it. */
  readonly isLive: boolean;
}

/**
 * Goes through a run's lines from number `from` on, notes in their places, until `visit` returns false.
 * Reads in chunks; never a whole file.
 */
export async function walkLines(
  source: RunSource,
  from: number,
  visit: (line: LogLine) => boolean,
): Promise<void> {
  const groups = unbroken(source.segments);
  const walk = new Walk(source, Math.max(from, 0), visit);
  for (const [index, group] of groups.entries()) {
    const next = groups[index + 1];
    if (next && startOf(source.meta, next, from).n <= from) continue;
    await walk.through(group, index === groups.length - 1);
    if (!walk.isGoing) return;
  }
  walk.finish();
}

/** Number after the last line of a run whose manager died before it ended: counted from the last mark. */
export async function countLines(source: RunSource): Promise<number> {
  const { meta } = source;
  const last = meta.marks.at(-1)?.n ?? 0;
  let next = Math.max(last, (meta.notes.at(-1)?.n ?? -1) + 1);
  await walkLines(source, last, ({ n }) => {
    next = Math.max(next, n + 1);
    return true;
  });
  return next;
}

/** Number of the oldest line of which the beginning is kept. */
export function firstLineOf(meta: RunMeta, segments: readonly Segment[]): number {
  const [oldest] = unbroken(segments);
  return oldest === undefined || oldest[0]?.from === 0 ? 0 : startOf(meta, oldest, -1).n;
}

/**
 * Where to begin to read these segments in order to know line `from`: a screen earlier, so that what is
 * drawn over there is known. Where no line begins that was marked, at their first byte.
 */
export function startOf(
  meta: RunMeta,
  group: readonly Segment[],
  from: number,
): Pick<Mark, 'at' | 'n'> {
  const oldest = group[0]?.from ?? 0;
  const end = group.at(-1)?.to ?? Number.POSITIVE_INFINITY;
  const isInside = ({ at }: Mark): boolean => at >= oldest && at < end;
  const best = markBefore(meta.starts, from - SCREEN_ROWS);
  if (best && isInside(best)) return best;
  if (oldest === 0) return { at: 0, n: 0 };
  const first = meta.starts.find(isInside);
  return first ?? { at: oldest, n: meta.segments.find(({ to }) => to === oldest)?.n ?? 0 };
}

/** Gives lines and notes to a visitor in one order. */
class Walk {
  isGoing = true;
  readonly #source: RunSource;
  readonly #from: number;
  readonly #visit: (line: LogLine) => boolean;
  /** The next note that was not visited. */
  #note = 0;

  constructor(source: RunSource, from: number, visit: (line: LogLine) => boolean) {
    this.#source = source;
    this.#from = from;
    this.#visit = visit;
  }

  async through(group: readonly Segment[], isLast: boolean): Promise<void> {
    const { meta, requestLines, isLive } = this.#source;
    const start = startOf(meta, group, this.#from);
    const counter = new LineCounter(meta, start.n);
    const screen = new LogScreen({
      requestLines,
      begin: () => counter.begin(),
      onLeave: (row) => this.#visitRow(row, false),
    });
    await readSegments(group, start.at, (chunk) => {
      screen.push(chunk, { skip: this.#unwanted(counter) });
      return this.isGoing;
    });
    const { terminal } = screen;
    for (const row of terminal.rows) this.#visitRow(row, isLive && isLast && terminal.isOpen(row));
  }

  /** What comes after the last line. */
  finish(): void {
    this.#visitNotes(Number.POSITIVE_INFINITY);
  }

  /** How many of the next lines need not be taken apart. */
  #unwanted({ next, nextNote }: LineCounter): number {
    return Math.max(0, Math.min(this.#from - SCREEN_ROWS, nextNote ?? this.#from) - next);
  }

  #visitRow(row: Row, isOpen: boolean): void {
    this.#visitNotes(row.n);
    if (this.isGoing && row.n >= this.#from)
      this.isGoing = this.#visit(lineOf(row, isOpen, this.#source.secrets));
  }

  #visitNotes(before: number): void {
    const { notes } = this.#source.meta;
    for (
      let note = notes[this.#note];
      this.isGoing && note !== undefined && note.n < before;
      note = notes[this.#note]
    ) {
      this.#note += 1;
      if (note.n >= this.#from) this.isGoing = this.#visit(noteLine(note, this.#source.secrets));
    }
  }
}
