import type { BufferPool } from '../hub/buffer-pool';
import type { FileTask } from './file-task';
import { LengthError } from './length-error';
import type { Range } from './ranges';

/** Bytes that are collected for one write: a small part of the file, so that a kill costs little of it. */
const SMALLEST_BATCH = 64 << 10;
const LARGEST_BATCH = 1 << 20;
const BATCHES = 4000;
/** Writes of one connection that may be under way before it is held up. */
const MAX_PENDING = 4;

/** What is written to. */
type Target = Pick<FileTask, 'file' | 'restarted' | 'write'>;

/** Collects the bytes of one answer and writes them in order, a batch at a time. */
export class PieceWriter {
  /** Up to here bytes have come. */
  at: number;
  readonly #task: Target;
  readonly #end: number;
  readonly #memory: BufferPool;
  readonly #batch: number;
  readonly #restarted: AbortSignal;
  #chunks: Buffer[] = [];
  #collected = 0;
  /** The memory that the newest bytes came in, and those before it whose bytes are collected. */
  #current: ArrayBufferLike | undefined;
  #used: ArrayBufferLike[] = [];
  #written: Promise<void> = Promise.resolve();
  #pending = 0;
  #failure: unknown;

  constructor(task: Target, piece: Range, memory: BufferPool) {
    this.#task = task;
    this.at = piece.start;
    this.#end = piece.end;
    this.#memory = memory;
    this.#restarted = task.restarted;
    const wanted = Math.floor(task.file.size / BATCHES);
    this.#batch = Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, wanted));
  }

  add(chunk: Buffer): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.at + chunk.length > this.#end) {
      const { path, size } = this.#task.file;
      return Promise.reject(new LengthError(path, 'more', size));
    }
    this.#collect(chunk);
    if (this.#collected < this.#batch && this.at < this.#end) return undefined;
    this.#write();
    return this.#pending >= MAX_PENDING ? this.#written : undefined;
  }

  /** Rejects when something could not be written. */
  async flush(): Promise<void> {
    // The next answer of the connection goes on in the same memory.
    if (this.#current) this.#memory.leave(this.#current);
    this.#write();
    await this.#written;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #collect(chunk: Buffer): void {
    // A connection fills one piece of memory after the other; copies between them say nothing of that.
    if (this.#current !== chunk.buffer && this.#memory.has(chunk.buffer)) {
      if (this.#current) this.#used.push(this.#current);
      this.#current = chunk.buffer;
    }
    this.#chunks.push(chunk);
    this.#collected += chunk.length;
    this.at += chunk.length;
  }

  #write(): void {
    if (this.#chunks.length === 0) return;
    const chunks = this.#chunks;
    const used = this.#used;
    const start = this.at - this.#collected;
    this.#chunks = [];
    this.#used = [];
    this.#collected = 0;
    this.#pending += 1;
    this.#written = this.#written
      .then(async () => {
        // Bytes of before a new beginning may be the wrong ones.
        if (this.#restarted.aborted) throw this.#restarted.reason;
        if (this.#failure !== undefined) return;
        await this.#task.write(start, chunks);
        for (const memory of used) this.#memory.release(memory);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#pending -= 1;
      });
  }
}
