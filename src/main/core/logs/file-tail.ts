import {
  closeSync,
  type FSWatcher,
  ftruncateSync,
  openSync,
  readSync,
  watch,
  writeSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../ports';
import { sleep } from '../ports/clock';
import { copyAndCut } from './rotation';

export interface FileTailOptions {
  readonly file: string;
  readonly clock: Clock;
  /** The next bytes, which hold until the call returns. `isBehind`: more of them are waiting. */
  readonly onBytes: (chunk: Buffer, isBehind: boolean) => void;
  /** After each read: the place to cut the file. `isAtEnd`: it found nothing more. */
  readonly afterRead: (isAtEnd: boolean) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Little enough that the worst bytes are taken in within a few milliseconds. */
const READ_BYTES = 64 * 1024;
/** Reads of a busy file are this far apart; a quiet one is read as soon as something was written. */
const POLL_MS = 40;
/** Polls without news after which the file is watched instead. */
const QUIET_POLLS = 5;

/**
 * Follows a file that another process writes to, opened by it with O_APPEND. A position is counted over
 * everything that was ever in the file, also what was moved out of it at its beginning.
 */
export class FileTail {
  readonly #options: FileTailOptions;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #handle: FileHandle | undefined;
  #watcher: FSWatcher | undefined;
  #cancelPoll: (() => void) | undefined;
  #quietPolls = 0;
  #reading: Promise<void> | undefined;
  #isAtEnd = false;
  /** Position at which the file begins, and the bytes of it that were read. */
  #from = 0;
  #read = 0;
  #isClosed = false;

  constructor(options: FileTailOptions) {
    this.#options = options;
  }

  /** Opens the file, which exists afterwards. */
  async open(): Promise<void> {
    this.#handle = await open(this.#options.file, 'a+', 0o600);
  }

  /** Reads from here on and follows the file; `from`: position at which it begins. */
  async begin({ from, position }: { from: number; position: number }): Promise<void> {
    this.#from = from;
    this.#read = position - from;
    await this.#look();
    this.#watch();
  }

  /** Position up to which everything was read. */
  get position(): number {
    return this.#from + this.#read;
  }

  /** Position at which the file begins. */
  get fileFrom(): number {
    return this.#from;
  }

  /** Bytes of the file that were read. */
  get fileBytes(): number {
    return this.#read;
  }

  /** Whether everything that the process had written by now was read within the limit. */
  async flush(limitMs: number): Promise<boolean> {
    const done = new AbortController();
    const caughtUp = this.#catchUp().finally(() => done.abort());
    await Promise.race([caughtUp, sleep(this.#options.clock, limitMs, done.signal)]);
    return done.signal.aborted && this.#isAtEnd;
  }

  /** Stops reading; the process may go on writing. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watcher?.close();
    this.#cancelPoll?.();
    await this.#reading;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  /**
   * Moves the bytes of the file into another one and goes on with an empty file. What was written
   * meanwhile is read from the copy. Only within `afterRead`. Rejects with the system's error, with the file
   * as it was.
   */
  async moveTo(target: string): Promise<void> {
    if (!this.#handle) return;
    const copied = await copyAndCut(this.#options.file, this.#handle, target, this.#buffer);
    const copy = await open(target, 'r');
    try {
      while (this.#read < copied && !this.#isClosed) {
        const { bytesRead } = await copy.read(this.#buffer, 0, READ_BYTES, this.#read);
        if (bytesRead === 0) break;
        this.#take(bytesRead);
      }
    } finally {
      await copy.close();
    }
    this.#from += copied;
    this.#read = 0;
  }

  /**
   * Gives up the bytes of the file but for one, without a byte: on a full disk the block that this one
   * lies in is the only room that the writing process is sure of. Only within `afterRead`.
   */
  giveUp(): void {
    const file = openSync(this.#options.file, 'r+');
    try {
      for (;;) {
        const bytesRead = readSync(file, this.#buffer, 0, READ_BYTES, this.#read);
        if (bytesRead === 0) break;
        this.#take(bytesRead);
      }
      writeSync(file, NOTHING_SEEN, 0, 1, 0);
      ftruncateSync(file, 1);
    } finally {
      closeSync(file);
    }
    this.#from += this.#read - 1;
    this.#read = 1;
  }

  #take(bytes: number): void {
    this.#read += bytes;
    this.#options.onBytes(this.#buffer.subarray(0, bytes), bytes === READ_BYTES);
  }

  #watch(): void {
    if (this.#isClosed) return;
    try {
      this.#watcher = watch(this.#options.file, () => this.#wake());
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
    const before = this.position;
    this.#look()
      .then(() => {
        if (!keepWatching) this.#poll();
        else if (this.position !== before) this.#wake();
      })
      .catch((error: unknown) => this.#options.onError(error));
  }

  #poll(): void {
    if (this.#isClosed || this.#cancelPoll) return;
    this.#cancelPoll = this.#options.clock.setTimeout(() => {
      this.#cancelPoll = undefined;
      const before = this.position;
      this.#look()
        .then(() => {
          if (this.#isClosed) return;
          this.#quietPolls = this.position === before ? this.#quietPolls + 1 : 0;
          if (this.#quietPolls >= QUIET_POLLS && !this.#watcher) this.#watch();
          else this.#poll();
        })
        .catch((error: unknown) => this.#options.onError(error));
    }, POLL_MS);
  }

  async #catchUp(): Promise<void> {
    // A read under way may have looked before the last bytes came.
    await this.#reading;
    await this.#look();
  }

  /** Reads what is there; one read at a time. Never rejects. */
  #look(): Promise<void> {
    this.#reading ??= this.#readAll()
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    this.#isAtEnd = false;
    while (this.#handle && !this.#isClosed) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, READ_BYTES, this.#read);
      if (bytesRead > 0) this.#take(bytesRead);
      this.#isAtEnd = bytesRead === 0;
      await this.#options.afterRead(this.#isAtEnd);
      if (this.#isAtEnd) return;
      if (bytesRead === READ_BYTES) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** NUL: read as text it is nothing. */
const NOTHING_SEEN = Buffer.alloc(1);
