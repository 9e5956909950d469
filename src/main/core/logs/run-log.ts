import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { LogLine } from '@shared/domain/log';
import type { PostMortem } from '@shared/domain/post-mortem';
import type { Clock, Logger } from '../ports';
import { cleanLine, levelOf } from './clean-line';
import { countLineEnds, decodeLine, LineSplitter } from './line-splitter';
import { addEntry, appendMeta, emptyMeta, type MetaEntry, type RunMeta } from './run-meta';
import { copyAndCut, findLeftCopy, pieceFile } from './rotation';
import { readFrom, type Stretch } from './run-reader';
import { writeFileDurably } from '../storage/durable-file';

export interface RunLogOptions {
  readonly folder: string;
  readonly run: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limitBytes: () => number;
  /** New lines for views; only asked for when somebody follows. */
  readonly publish: (lines: LogLine[]) => void;
  readonly isFollowed: () => boolean;
  /** A file was rotated: older ones may have to go. */
  readonly onRotated: () => Promise<void>;
  /** What an earlier manager wrote down, when its server is taken over. */
  readonly meta?: RunMeta;
}

const READ_BYTES = 256 * 1024;
/** Reads of a busy log are this far apart; a quiet one is read as soon as something was written. */
const POLL_MS = 40;
/** Polls without news after which the file is watched instead. */
const QUIET_POLLS = 5;
const MARK_MS = 50;
const MARK_BYTES = 1024 * 1024;
const MEMORY_LINES = 2000;
const MEMORY_CHARS = 512 * 1024;
/** Of one read, listeners get at most this many lines, the newest: a flood is read from the file. */
const MAX_BATCH = 500;
const MAX_BATCH_BEHIND = 200;

/** The log of one run: tails the file that the engine writes into, and keeps the newest lines at hand. */
export class RunLog {
  readonly run: number;
  readonly path: string;
  readonly meta: RunMeta;
  readonly #options: RunLogOptions;
  readonly #metaFile: string;
  readonly #listeners = new Set<(lines: LogLine[]) => void>();
  readonly #splitter = new LineSplitter();
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #recent: LogLine[] = [];
  #recentChars = 0;
  #lastEngineLine: string | undefined;
  #handle: FileHandle | undefined;
  #watcher: FSWatcher | undefined;
  #cancelPoll: (() => void) | undefined;
  #quietPolls = 0;
  #reading: Promise<void> | undefined;
  /** Byte of the run at which the current file begins, and the bytes of it that were read. */
  #fileFrom = 0;
  #fileRead = 0;
  #lineAt = 0;
  #n = 0;
  #lastMark = { at: -MARK_BYTES, time: Number.NEGATIVE_INFINITY };
  #metaWrites: Promise<void> = Promise.resolve();
  #unwritten: MetaEntry[] = [];
  #rotations = 0;
  #warned = false;
  #closed = false;

  constructor(options: RunLogOptions) {
    this.#options = options;
    this.run = options.run;
    this.path = path.join(options.folder, `${options.run}.log`);
    this.#metaFile = path.join(options.folder, `${options.run}.meta.jsonl`);
    this.meta = options.meta ?? emptyMeta(new Date(options.clock.now()).toISOString());
  }

  /** Begins to tail. The file exists afterwards. */
  async open(): Promise<void> {
    this.#handle = await open(this.path, 'a+', 0o600);
    if (this.#options.meta) await this.#resume(this.#options.meta);
    else this.#record({ t: 'start', time: this.meta.startedAt });
    await this.flush();
    this.#watch();
  }

  /** Number after the newest line. */
  get endLine(): number {
    return this.#n;
  }

  /** A line of the manager's own, in its place among the engine's. */
  note(text: string): void {
    const note = { n: this.#n, time: this.#options.clock.now(), text: cleanLine(text) };
    this.#n += 1;
    this.#record({ t: 'note', ...note });
    const time = new Date(note.time).toISOString();
    this.#deliver([{ n: note.n, time, source: 'manager', text: note.text }]);
  }

  onLines(listener: (lines: LogLine[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tail(count: number): LogLine[] {
    return this.#recent.slice(-count);
  }

  /** The `count` lines before {@link endLine}, or all there are; undefined where memory does not hold them. */
  newest(count: number): LogLine[] | undefined {
    const wanted = Math.min(count, this.#n);
    const lines = this.#recent.slice(this.#recent.length - wanted);
    const first = this.#n - wanted;
    const isWhole =
      lines.length === wanted && lines.every((line, index) => line.n === first + index);
    return isWhole ? lines : undefined;
  }

  /** The newest line of the engine. */
  lastLine(): string | undefined {
    return this.#lastEngineLine;
  }

  /** Resolves when everything the engine had written by now was read and listeners have run. */
  async flush(): Promise<void> {
    await this.#reading;
    await this.#read();
  }

  /** The files of this run that are still there, oldest first. */
  stretches(): Stretch[] {
    let from = 0;
    const pieces = this.meta.pieces.map(({ piece, to }) => {
      const stretch = { file: pieceFile(this.path, piece), from };
      from = to;
      return stretch;
    });
    return [...pieces, { file: this.path, from }];
  }

  async end(ended: string, outcome: 'stopped' | 'failed'): Promise<void> {
    await this.flush();
    const last = this.#splitter.end();
    if (last) this.#take(last.line, last.length, this.#options.clock.now());
    const time = new Date(this.#options.clock.now()).toISOString();
    this.#record({ t: 'end', time, ended, outcome, n: this.#n });
    await this.close();
  }

  /** Keeps what is known of a failure beside the log; a second one of the same run replaces it. */
  async keepFailure(report: PostMortem): Promise<void> {
    try {
      await writeFileDurably(failureFile(this.path), JSON.stringify(report));
    } catch (error) {
      // A full disk must not keep the server from being started again.
      this.#warn('What is known of a failure could not be kept', error);
    }
  }

  /** Stops tailing; the run may go on. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    this.#cancelPoll?.();
    await this.#reading;
    await this.#metaWrites;
    await this.#handle?.close();
    this.#handle = undefined;
    this.#listeners.clear();
  }

  /** Counts on from the last mark, whose line and byte are sure, over what was written since. */
  async #resume(meta: RunMeta): Promise<void> {
    await this.#adoptPiece(meta);
    const last = meta.marks.at(-1) ?? { at: 0, n: 0 };
    this.#fileFrom = meta.pieces.at(-1)?.to ?? 0;
    this.#n = last.n + meta.notes.filter((note) => note.n >= last.n).length;
    this.#lineAt = last.at;
    const count = (_: Buffer, length: number): void => {
      this.#n += 1;
      this.#lineAt += length;
    };
    const end = await readFrom(this.stretches(), last.at, (chunk) => {
      this.#splitter.push(chunk, count);
    });
    this.#fileRead = end - this.#fileFrom;
  }

  /** A manager that died in a rotation left a piece that it had not noted: it belongs to the run if the file was cut. */
  async #adoptPiece(meta: RunMeta): Promise<void> {
    const piece = (meta.pieces.at(-1)?.piece ?? 0) + 1;
    const file = pieceFile(this.path, piece);
    const left = await findLeftCopy(this.path, file);
    if (!left) return;
    if (!left.wasCut) await rm(file, { force: true });
    else this.#record({ t: 'piece', piece, to: (meta.pieces.at(-1)?.to ?? 0) + left.bytes });
  }

  #watch(): void {
    if (this.#closed) return;
    try {
      this.#watcher = watch(this.path, () => this.#wake());
      this.#watcher.on('error', () => this.#poll());
    } catch {
      this.#poll(); // the folder was removed, or the system has no watches left
    }
    // What was written between the last read and the watch.
    this.#wake(true);
  }

  #wake(keepWatching = false): void {
    if (!keepWatching) {
      // A flood would wake us for every write: from now on the clock decides, until it is quiet again.
      this.#watcher?.close();
      this.#watcher = undefined;
      this.#quietPolls = 0;
    }
    const before = this.#position;
    void this.#read().then(() => {
      if (!keepWatching) this.#poll();
      else if (this.#position !== before) this.#wake();
    });
  }

  #poll(): void {
    if (this.#closed || this.#cancelPoll) return;
    this.#cancelPoll = this.#options.clock.setTimeout(() => {
      this.#cancelPoll = undefined;
      const before = this.#position;
      void this.#read().then(() => {
        if (this.#closed) return;
        this.#quietPolls = this.#position === before ? this.#quietPolls + 1 : 0;
        if (this.#quietPolls >= QUIET_POLLS && !this.#watcher) this.#watch();
        else this.#poll();
      });
    }, POLL_MS);
  }

  get #position(): number {
    return this.#fileFrom + this.#fileRead;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readAll()
      .catch((error: unknown) => this.#warn('A log could not be read', error))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    while (this.#handle) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, READ_BYTES, this.#fileRead);
      if (bytesRead === 0) break;
      this.#fileRead += bytesRead;
      this.#ingest(this.#buffer.subarray(0, bytesRead));
      if (this.#fileRead > this.#options.limitBytes()) await this.#rotate();
      if (bytesRead === READ_BYTES) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #ingest(chunk: Buffer): void {
    const time = this.#options.clock.now();
    this.#mark(time);
    // A full read means that more is waiting: then the newest few are enough.
    const wanted = chunk.length === READ_BYTES ? MAX_BATCH_BEHIND : MAX_BATCH;
    const skip = Math.max(0, countLineEnds(chunk) - wanted);
    const iso = new Date(time).toISOString();
    const lines: LogLine[] = [];
    this.#n += skip;
    const take = (line: Buffer, length: number): void => {
      lines.push(toLine(line, this.#n, iso));
      this.#n += 1;
      this.#lineAt += length;
    };
    const passed = this.#splitter.push(chunk, take, skip);
    this.#lineAt += passed;
    this.#lastEngineLine =
      lines.findLast((line) => line.text.trim() !== '')?.text ?? this.#lastEngineLine;
    if (lines.length > 0) this.#deliver(lines);
  }

  #take(line: Buffer, length: number, time: number): void {
    const taken = toLine(line, this.#n, new Date(time).toISOString());
    this.#n += 1;
    this.#lineAt += length;
    this.#lastEngineLine = taken.text;
    this.#deliver([taken]);
  }

  #mark(time: number): void {
    const now = this.#options.clock.monotonic();
    const { at, time: before } = this.#lastMark;
    if (now - before < MARK_MS && this.#lineAt - at < MARK_BYTES) return;
    this.#lastMark = { at: this.#lineAt, time: now };
    this.#record({ t: 'mark', at: this.#lineAt, n: this.#n, time });
  }

  #deliver(lines: LogLine[]): void {
    this.#recent.push(...lines);
    for (const line of lines) this.#recentChars += line.text.length;
    if (this.#recent.length > 2 * MEMORY_LINES || this.#recentChars > 2 * MEMORY_CHARS)
      this.#trim();
    for (const listener of [...this.#listeners]) listener(lines);
    if (this.#options.isFollowed()) this.#options.publish(lines);
  }

  #trim(): void {
    let chars = 0;
    let from = this.#recent.length;
    while (from > 0 && this.#recent.length - from < MEMORY_LINES) {
      chars += this.#recent[from - 1]?.text.length ?? 0;
      if (chars > MEMORY_CHARS) break;
      from -= 1;
    }
    this.#recent = this.#recent.slice(from);
    this.#recentChars = this.#recent.reduce((sum, line) => sum + line.text.length, 0);
  }

  /** Rises when a rotation begins and when it has ended: a read in between may have met the cut file. */
  get rotations(): number {
    return this.#rotations;
  }

  async #rotate(): Promise<void> {
    this.#rotations += 1;
    try {
      await this.#moveToPiece();
    } finally {
      this.#rotations += 1;
    }
  }

  /** Moves what was read into a piece of its own, so that no file grows without end. */
  async #moveToPiece(): Promise<void> {
    const piece = (this.meta.pieces.at(-1)?.piece ?? 0) + 1;
    const target = pieceFile(this.path, piece);
    try {
      if (!this.#handle) return;
      const copied = await copyAndCut(this.path, this.#handle, target, this.#buffer);
      await this.#readCopied(target, copied);
      this.#fileFrom += copied;
      this.#fileRead = 0;
      this.#record({ t: 'piece', piece, to: this.#fileFrom });
      // The next file is read by itself once this one is gone: it needs a mark of its own.
      this.#lastMark = { at: -MARK_BYTES, time: Number.NEGATIVE_INFINITY };
      await this.#options.onRotated();
    } catch (error) {
      // A full disk: the newest lines stay in memory, the file is cut so that the engine goes on.
      this.#warn('A log could not be rotated; its older lines are given up', error);
      await truncate(this.path, 0).catch(() => undefined);
      this.#fileFrom += this.#fileRead;
      this.#fileRead = 0;
      this.#record({ t: 'piece', piece, to: this.#fileFrom });
    }
  }

  /** Takes in the bytes that were copied but not yet read when the file was cut. */
  async #readCopied(target: string, copied: number): Promise<void> {
    const handle = await open(target, 'r');
    try {
      while (this.#fileRead < copied) {
        const { bytesRead } = await handle.read(this.#buffer, 0, READ_BYTES, this.#fileRead);
        if (bytesRead === 0) return;
        this.#fileRead += bytesRead;
        this.#ingest(this.#buffer.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }

  #record(entry: MetaEntry): void {
    addEntry(this.meta, entry);
    this.#unwritten.push(entry);
    this.#metaWrites = this.#metaWrites
      .then(() => this.#writeMeta())
      .catch((error: unknown) => this.#warn('A log’s times could not be written', error));
  }

  /** Everything that came together since the last write, in one. */
  async #writeMeta(): Promise<void> {
    const entries = this.#unwritten.splice(0);
    if (entries.length > 0) await appendMeta(this.#metaFile, entries);
  }

  #warn(message: string, error: unknown): void {
    if (this.#warned || this.#closed) return;
    this.#warned = true;
    this.#options.logger.warn(message, { file: this.path, error: String(error) });
  }
}

/** What is known of a run's failure lies beside its log. */
export function failureFile(log: string): string {
  return log.replace(/\.log$/, '.failure.json');
}

function toLine(bytes: Buffer, n: number, time: string): LogLine {
  const text = cleanLine(decodeLine(bytes));
  const level = levelOf(text);
  return { n, time, source: 'engine', text, ...(level ? { level } : {}) };
}
