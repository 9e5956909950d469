import { open } from 'node:fs/promises';
import type { LogLine } from '@shared/domain/log';
import { cleanLine, levelOf } from './clean-line';
import { countLineEnds, decodeLine, LineSplitter } from './line-splitter';
import { markBefore, type RunMeta } from './run-meta';

/** One stretch of a run's bytes in one file. */
export interface Stretch {
  readonly file: string;
  /** First byte of the run that the file holds. */
  readonly from: number;
}

const CHUNK_BYTES = 64 * 1024;

/** Gives way to everything else between two chunks of a long read. */
const yieldToLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Goes through a run's lines from number `from` on, notes in their places, until `visit` returns false.
 * Reads in chunks; never a whole file.
 */
export async function walkLines(
  meta: RunMeta,
  stretches: readonly Stretch[],
  from: number,
  visit: (line: LogLine) => boolean,
): Promise<void> {
  const oldest = stretches[0]?.from ?? 0;
  const start = markBefore(meta.marks, from);
  const mark = start.at >= oldest ? start : (meta.marks.find((m) => m.at >= oldest) ?? start);
  const walk = new Walk(meta, mark.n, Math.max(from, 0), visit);
  const splitter = new LineSplitter();
  for (const [index, stretch] of stretches.entries()) {
    const end = stretches[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    if (end <= mark.at) continue;
    const skip = Math.max(0, mark.at - stretch.from);
    const goOn = await readStretch(stretch.file, skip, end - stretch.from, (chunk) => {
      splitter.push(chunk, (line) => walk.engineLine(line), walk.pass(chunk));
      return walk.going;
    });
    if (!goOn) return;
  }
  const last = splitter.end();
  if (last && walk.going) walk.engineLine(last.line);
  walk.finish();
}

class Walk {
  going = true;
  readonly #meta: RunMeta;
  readonly #from: number;
  readonly #visit: (line: LogLine) => boolean;
  #n: number;
  #note: number;
  #mark = 0;

  constructor(meta: RunMeta, n: number, from: number, visit: (line: LogLine) => boolean) {
    this.#meta = meta;
    this.#n = n;
    this.#from = from;
    this.#visit = visit;
    const next = meta.notes.findIndex((note) => note.n >= n);
    this.#note = next === -1 ? meta.notes.length : next;
  }

  /** How many of the lines that end in this chunk nobody asked for: they need not be taken apart. */
  pass(chunk: Buffer): number {
    const wanted = Math.min(this.#from, this.#meta.notes[this.#note]?.n ?? this.#from);
    if (wanted <= this.#n) return 0;
    const passed = Math.min(wanted - this.#n, countLineEnds(chunk));
    this.#n += passed;
    return passed;
  }

  engineLine(bytes: Buffer): void {
    this.#notes();
    if (!this.going) return;
    const n = this.#n;
    this.#n += 1;
    if (n < this.#from) return;
    const text = cleanLine(decodeLine(bytes));
    const level = levelOf(text);
    const time = new Date(this.#timeOf(n)).toISOString();
    this.going = this.#visit({ n, time, source: 'engine', text, ...(level ? { level } : {}) });
  }

  finish(): void {
    this.#notes();
  }

  /** Notes whose number is next. */
  #notes(): void {
    for (
      let note = this.#meta.notes[this.#note];
      this.going && note !== undefined && note.n === this.#n;
      note = this.#meta.notes[this.#note]
    ) {
      this.#note += 1;
      this.#n += 1;
      if (note.n < this.#from) continue;
      const time = new Date(note.time).toISOString();
      this.going = this.#visit({ n: note.n, time, source: 'manager', text: note.text });
    }
  }

  #timeOf(n: number): number {
    const { marks } = this.#meta;
    while ((marks[this.#mark + 1]?.n ?? Number.POSITIVE_INFINITY) <= n) this.#mark += 1;
    return marks[this.#mark]?.time ?? Date.parse(this.#meta.startedAt);
  }
}

async function readStretch(
  file: string,
  from: number,
  to: number,
  take: (chunk: Buffer) => boolean,
): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  // Rotated away or removed meanwhile: its lines are no longer there to be seen.
  if (!handle) return true;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let at = from;
    while (at < to) {
      const length = Math.min(CHUNK_BYTES, to - at);
      const { bytesRead } = await handle.read(buffer, 0, length, at);
      if (bytesRead === 0) return true;
      at += bytesRead;
      if (!take(buffer.subarray(0, bytesRead))) return false;
      await yieldToLoop();
    }
    return true;
  } finally {
    await handle.close();
  }
}

/** Gives the bytes of a run from `at` to its end, file by file; returns where that is. */
export async function readFrom(
  stretches: readonly Stretch[],
  at: number,
  take: (chunk: Buffer) => void,
): Promise<number> {
  let position = at;
  for (const [index, { file, from }] of stretches.entries()) {
    const next = stretches[index + 1]?.from;
    if (next !== undefined && next <= position) continue;
    position = Math.max(position, from);
    await readStretch(file, position - from, Number.POSITIVE_INFINITY, (chunk) => {
      position += chunk.length;
      take(chunk);
      return true;
    });
  }
  return position;
}
