import { Worker } from 'node:worker_threads';

import { packedFiles } from '../ports/packed-files';
import type { HashOrder, HashReport } from './hash-worker';

/** How a file's hash is made: the SHA-256 of its bytes, or git's SHA-1 of it as a blob. */
export function algorithmOf(etag: string): 'sha256' | 'sha1' {
  return etag.length === 64 ? 'sha256' : 'sha1';
}

/** The hash of one file, made while the file grows. */
export interface FileHash {
  /** The file has all its bytes up to here. */
  advance(to: number): void;
  /** The digest of everything up to the last {@link advance}. Rejects with the system's code when the file cannot be read. */
  digest(): Promise<string>;
  close(): void;
}

interface Open {
  readonly digest: PromiseWithResolvers<string>;
  readonly onProgress: ((at: number) => void) | undefined;
}

/** Hashes files in one thread beside the manager's; the thread exists while a file is open. */
export class Hasher {
  #worker: Worker | undefined;
  /** A thread that was sent away, until it has gone. */
  #ending: Promise<unknown> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #next = 1;
  readonly #open = new Map<number, Open>();

  /**
   * @param etag whose kind of hash is wanted.
   * @param size of the whole file: git hashes it too.
   */
  open(file: string, etag: string, size: number, onProgress?: (at: number) => void): FileHash {
    const id = this.#next++;
    const algorithm = algorithmOf(etag);
    const prefix = algorithm === 'sha1' ? `blob ${size}\0` : '';
    const digest = Promise.withResolvers<string>();
    digest.promise.catch(() => undefined); // may fail before anyone waits for it
    this.#open.set(id, { digest, onProgress });
    this.#order({ kind: 'open', id, path: file, algorithm, prefix });
    return {
      advance: (to) => this.#order({ kind: 'advance', id, to }),
      digest: () => {
        this.#order({ kind: 'finish', id });
        return digest.promise;
      },
      close: () => {
        if (!this.#open.has(id)) return;
        this.#order({ kind: 'close', id });
        digest.reject(new Error('The hash is no longer wanted.'));
        this.#forget(id);
      },
    };
  }

  /** The hash of a file that is there. Rejects when it cannot be read, or with the signal's reason. */
  async hashFile(
    file: string,
    etag: string,
    size: number,
    options: { signal?: AbortSignal; onProgress?: (at: number) => void } = {},
  ): Promise<string> {
    options.signal?.throwIfAborted();
    const hash = this.open(file, etag, size, options.onProgress);
    const stop = (): void => hash.close();
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      hash.advance(size);
      return await hash.digest();
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#failAll(new Error('The manager is quitting.'));
    await Promise.all([this.#ending, this.#worker?.terminate()]);
    this.#worker = undefined;
  }

  #order(order: HashOrder): void {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    if (this.#open.size > 0) this.#worker.ref();
    this.#worker.postMessage(order);
  }

  #start(): Worker {
    const worker = startThread();
    worker.on('message', (report: HashReport) => this.#take(report));
    worker.on('error', (error) => {
      this.#worker = undefined;
      this.#failAll(error);
    });
    return worker;
  }

  #take(report: HashReport): void {
    const open = this.#open.get(report.id);
    if (!open) return;
    if (report.kind === 'hashed') {
      open.onProgress?.(report.at);
      return;
    }
    if (report.kind === 'digest') open.digest.resolve(report.digest);
    else open.digest.reject(Object.assign(new Error(report.message), { code: report.code }));
    this.#forget(report.id);
  }

  /** Without files the thread goes after a while: it would only cost memory. */
  #forget(id: number): void {
    this.#open.delete(id);
    if (this.#open.size > 0) return;
    // Nobody waits for it now: it must not keep a command from ending.
    this.#worker?.unref();
    this.#idle = setTimeout(() => {
      this.#ending = this.#worker?.terminate();
      this.#worker = undefined;
    }, IDLE_MS).unref();
  }

  #failAll(error: Error): void {
    for (const { digest } of this.#open.values()) digest.reject(error);
    this.#open.clear();
  }
}

const IDLE_MS = 1000;

/** Its file is beside this module as a source, and beside the program that it is built into; or it is packed. */
function startThread(): Worker {
  const packed = packedFiles();
  if (packed) return new Worker(packed.text('hash-worker.cjs'), { eval: true, name: 'hashes' });
  const name = import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js';
  return new Worker(new URL(name, import.meta.url), { name: 'hashes' });
}
