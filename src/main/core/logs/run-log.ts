// Long, since it is one log: what is read, told, written beside it and given up must keep one count of lines.
import path from 'node:path';
import type { LogLine } from '@shared/domain/log';
import type { PostMortem } from '@shared/domain/post-mortem';
import type { Clock, Logger } from '../ports';
import { writeFileWhole } from '../storage/durable-file';
import { isNoRoom } from '../storage/write-error';
import { FileTail } from './file-tail';
import { LineCounter } from './line-counter';
import { LineMemory } from './line-memory';
import { cleanText, lineOf, noteLine } from './log-line';
import { countLineFeeds, LogScreen, type RequestLines } from './log-screen';
import { MetaWriter } from './meta-writer';
import { completeSegments } from './resume-run';
import { failureFile } from './run-files';
import type { Row } from './row';
import { emptyMeta, type RunMeta } from './run-meta';
import { startOf } from './run-reader';
import {
  existing,
  nextSegment,
  readSegments,
  type Segment,
  segmentFile,
  segmentsOf,
  unbroken,
} from './segments';
import type { RowName } from './terminal';

export interface RunLogOptions {
  readonly folder: string;
  readonly run: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limitBytes: () => number;
  readonly requestLines: readonly RequestLines[];
  /** What the profile holds of secrets: never shown, nor written down beside the log. */
  readonly secrets: () => readonly string[];
  /** New and changed lines for views; only asked for when somebody follows. */
  readonly publish: (lines: LogLine[]) => void;
  readonly isFollowed: () => boolean;
  /** There was no room on the disk for something. */
  readonly onNoRoom: () => void;
  /** A file was rotated: older ones may have to go. */
  readonly onRotated: () => Promise<void>;
  /** What an earlier manager wrote down, when its server is taken over. */
  readonly meta?: RunMeta;
}

const MARK_MS = 50;
const MARK_BYTES = 1024 * 1024;
/** Of one read, listeners get at most this many lines, the newest: a flood is read from the file. */
const MAX_BATCH = 500;
const MAX_BATCH_BEHIND = 50;
/** Whoever asks for the newest lines waits this long for what is already written, and no longer. */
const FLUSH_MS = 1000;
/** The end of a run waits shorter: what was not read by then is in the file. */
const END_FLUSH_MS = 150;

/**
 * The log of one run: reads the file that the engine writes into as a terminal would show it, and keeps
 * the newest lines at hand. How lines get their numbers is in {@link Terminal}; a later manager and every
 * reading from the file count in the same way from the marks that are written down beside it.
 */
export class RunLog {
  readonly run: number;
  readonly path: string;
  readonly #options: RunLogOptions;
  readonly #meta: MetaWriter;
  readonly #tail: FileTail;
  readonly #screen: LogScreen;
  readonly #listeners = new Set<(lines: LogLine[]) => void>();
  readonly #memory = new LineMemory();
  /** Number of the next line, and when the bytes that are read now were found. */
  #n = 0;
  #time = 0;
  #lastMark = { at: -MARK_BYTES, time: Number.NEGATIVE_INFINITY };
  #rotations = 0;
  #isDiskFull = false;
  #warned = false;
  #isClosed = false;

  constructor(options: RunLogOptions) {
    const { folder, run, clock, requestLines } = options;
    this.#options = options;
    this.run = run;
    this.path = path.join(folder, `${run}.log`);
    this.#meta = new MetaWriter(
      path.join(folder, `${run}.meta.jsonl`),
      options.meta ?? emptyMeta(new Date(clock.now()).toISOString()),
      (error) => this.#warn('A log’s times could not be written', error),
    );
    this.#screen = new LogScreen({ requestLines, begin: () => this.#begin() });
    this.#tail = new FileTail({
      file: this.path,
      clock,
      onBytes: (chunk, isBehind) => this.#ingest(chunk, isBehind),
      afterRead: (isAtEnd) => this.#makeRoom(isAtEnd),
      onError: (error) => this.#warn('A log could not be read', error),
    });
  }

  /** Begins to read. The file exists afterwards. */
  async open(): Promise<void> {
    await this.#tail.open();
    if (this.#options.meta) await this.#resume();
    else {
      this.#meta.record({ t: 'start', time: this.meta.startedAt });
      await this.#tail.begin({ from: 0, position: 0 });
    }
  }

  /** What is never shown of it. */
  secrets(): readonly string[] {
    return this.#options.secrets();
  }

  get meta(): RunMeta {
    return this.#meta.meta;
  }

  /** Number after the newest line. */
  get endLine(): number {
    return this.#n;
  }

  /** Rises when a rotation begins and when it has ended: a read in between may have met the cut file. */
  get rotations(): number {
    return this.#rotations;
  }

  /** Whether something of it was given up because there was no room for it on the disk. */
  get hasLost(): boolean {
    return this.meta.segments.some(({ segment, pruned }) => segment === undefined && !pruned);
  }

  /** Number of the oldest line that memory holds without a gap after it. */
  get firstHeld(): number | undefined {
    return this.#memory.first;
  }

  /** A line of the manager's own, in its place among the engine's. */
  note(text: string): void {
    const note = {
      n: this.#n,
      time: this.#options.clock.now(),
      text: cleanText(text, this.secrets()),
    };
    this.#n += 1;
    this.#meta.record({ t: 'note', ...note });
    this.#deliver([noteLine(note, this.secrets())]);
  }

  /** Calls back with new lines, and again with those whose text has changed. */
  onLines(listener: (lines: LogLine[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The newest lines of the engine and of the manager, without those about the manager's own requests. */
  tail(count: number): LogLine[] {
    return this.#memory.said(count);
  }

  /** Lines [from, from + limit) out of memory; undefined where it does not hold all from `from` on. */
  held(from: number, limit: number): LogLine[] | undefined {
    return this.#memory.range(from, this.#n)?.slice(0, limit);
  }

  /** What the engine said last, requests of the manager's own left out. */
  lastLine(): string | undefined {
    return this.#memory.lastSaid;
  }

  /** Resolves when everything the engine had written by now was read and listeners have run, or a moment later. */
  async flush(): Promise<void> {
    await this.#tail.flush(FLUSH_MS);
  }

  /** The files of this run, oldest first. */
  segments(): Segment[] {
    return segmentsOf(this.meta, this.path);
  }

  /** Whether the disk is full: then the newest lines are in memory only, so that the engine can go on. */
  setDiskFull(isFull: boolean): void {
    if (this.#isDiskFull === isFull || this.#isClosed) return;
    this.#isDiskFull = isFull;
    if (!isFull) return;
    this.note('The disk is full, so only the newest lines of this log are kept, in memory.');
    this.flush().catch((error: unknown) => this.#warn('A log could not be read', error));
  }

  async end(ended: string, outcome: 'stopped' | 'failed'): Promise<void> {
    const isWhole = await this.#tail.flush(END_FLUSH_MS);
    await this.#tail.close();
    const time = new Date(this.#options.clock.now()).toISOString();
    this.#closeLines();
    this.#meta.record({ t: 'end', time, ended, outcome, ...(isWhole ? { n: this.#n } : {}) });
    await this.close();
  }

  /** Keeps what is known of a failure beside the log; a second one of the same run replaces it. */
  async keepFailure(report: PostMortem): Promise<void> {
    try {
      await writeFileWhole(failureFile(this.path), JSON.stringify(report));
    } catch (error) {
      // A full disk must not keep the server from being started again.
      this.#warn('What is known of a failure could not be kept', error);
    }
  }

  /** Stops reading; the run may go on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#tail.close();
    await this.#meta.settled();
    this.#listeners.clear();
  }

  /**
   * Counts on from a mark whose line and byte are sure, a screen before the end, over what was written
   * since. Lines that an earlier manager has told are told to nobody and are no evidence, but kept at hand.
   */
  async #resume(): Promise<void> {
    await completeSegments(this.#meta, this.path);
    const segments = this.segments();
    const group = unbroken(segments).at(-1) ?? [];
    const start = startOf(this.meta, group, this.meta.marks.at(-1)?.n ?? 0);
    const counter = new LineCounter(this.meta, start.n);
    this.#begin = () => counter.begin();
    const position = await readSegments(group, start.at, (chunk) => {
      this.#screen.push(chunk);
      return true;
    });
    counter.passNotes();
    this.#n = counter.next;
    this.#begin = this.#beginNow;
    const { terminal } = this.#screen;
    const lines = this.#shown(terminal.takeChanged(MAX_BATCH));
    const first = lines[0]?.n ?? 0;
    const notes = this.meta.notes.filter(({ n }) => n >= first);
    this.#memory.recall(
      [...lines, ...notes.map((note) => noteLine(note, this.secrets()))].sort((a, b) => a.n - b.n),
    );
    await this.#tail.begin({ from: segments.at(-1)?.from ?? 0, position });
  }

  /** Names the next line of the engine. Replaced while lines of an earlier manager are counted. */
  #begin = (): RowName => this.#beginNow();

  readonly #beginNow = (): RowName => {
    const n = this.#n;
    this.#n += 1;
    return { n, time: this.#time };
  };

  #ingest(chunk: Buffer, isBehind: boolean): void {
    this.#time = this.#options.clock.now();
    const { terminal } = this.#screen;
    const began = this.#tail.position - chunk.length;
    if (terminal.isAtLineStart) this.#mark(began);
    // Of a flood the newest few are enough.
    const wanted = isBehind ? MAX_BATCH_BEHIND : MAX_BATCH;
    this.#screen.push(chunk, {
      skip: Math.max(0, countLineFeeds(chunk) - wanted),
      onLineStart: (offset) => this.#mark(began + offset),
    });
    this.#noteBack();
    this.#deliver(this.#shown(terminal.takeChanged(wanted)));
  }

  /** At this byte a line begins: where it is time for that, it is written down. */
  #mark(at: number): void {
    const now = this.#options.clock.monotonic();
    const last = this.#lastMark;
    if (now - last.time < MARK_MS && at - last.at < MARK_BYTES) return;
    this.#noteBack();
    this.#lastMark = { at, time: now };
    this.#meta.record({ t: 'mark', at, n: this.#n, time: this.#time });
  }

  /** Where the engine went up to an earlier line, reading cannot begin between that line and here. */
  #noteBack(): void {
    const n = this.#screen.terminal.takeHighest();
    if (n !== undefined && n < (this.meta.starts.at(-1)?.n ?? 0))
      this.#meta.record({ t: 'back', n });
  }

  /** The run is over: what was still being written will not change any more. */
  #closeLines(): void {
    const { terminal } = this.#screen;
    const open = terminal.rows.filter((row) => terminal.isOpen(row));
    const secrets = this.secrets();
    if (open.length > 0) this.#deliver(open.map((row) => lineOf(row, false, secrets)));
  }

  #shown(rows: readonly Row[]): LogLine[] {
    const secrets = this.secrets();
    return rows.map((row) => lineOf(row, this.#screen.terminal.isOpen(row), secrets));
  }

  #deliver(lines: LogLine[]): void {
    if (lines.length === 0) return;
    this.#memory.keep(lines);
    for (const listener of [...this.#listeners]) listener(lines);
    if (this.#options.isFollowed()) this.#options.publish(lines);
  }

  async #makeRoom(isAtEnd: boolean): Promise<void> {
    const isLong = this.#tail.fileBytes > this.#options.limitBytes();
    if (this.#isDiskFull) {
      if (isLong || (isAtEnd && this.#tail.fileBytes > 1)) this.#giveUp();
    } else if (isLong) await this.#rotate();
  }

  /** Moves what was read into a segment of its own, so that no file grows without end. */
  async #rotate(): Promise<void> {
    const segment = nextSegment(this.meta);
    this.#rotations += 1;
    try {
      await this.#tail.moveTo(segmentFile(this.path, segment));
      this.#noteSegment(segment);
    } catch (error) {
      this.#warn('A log could not be rotated; its older lines are given up', error);
      this.#giveUp();
    } finally {
      this.#rotations += 1;
    }
    await this.#options.onRotated();
    const [oldest] = await existing(this.segments());
    if (oldest === undefined) return;
    // Whoever reads meanwhile counts notes: it begins again, as after a rotation.
    this.#rotations += 2;
    this.#meta.forget(oldest.from);
  }

  /** The newest lines stay in memory; the file is cut so that the engine goes on. */
  #giveUp(): void {
    this.#rotations += 1;
    try {
      this.#tail.giveUp();
      this.#noteSegment();
    } catch (error) {
      this.#warn('A log could not be cut', error);
    } finally {
      this.#rotations += 1;
    }
  }

  #noteSegment(segment?: number): void {
    const { terminal } = this.#screen;
    const to = this.#tail.fileFrom;
    const n = terminal.current?.n ?? this.#n;
    this.#meta.record({ t: 'segment', ...(segment === undefined ? {} : { segment }), to, n });
    // The next file is read by itself once this one is gone: it needs a mark of its own.
    this.#lastMark = { at: -MARK_BYTES, time: Number.NEGATIVE_INFINITY };
  }

  #warn(message: string, error: unknown): void {
    if (isNoRoom(error)) {
      // One warning for all logs, from the one who looks at the disk.
      this.#options.onNoRoom();
      return;
    }
    if (this.#warned || this.#isClosed) return;
    this.#warned = true;
    this.#options.logger.warn(message, { file: this.path, error: String(error) });
  }
}
