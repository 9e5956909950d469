import type { OnReadOpts, Socket } from 'node:net';

/** One piece of memory; a system call brings up to so many bytes. */
const SLAB_BYTES = 1 << 20;
/** With less room than this the next piece is begun. */
const LEAST_BYTES = 64 << 10;
/** Pieces kept for later. */
const MAX_FREE = 64;

/**
 * Memory that sockets read into, used again and again. Node's own way gives every read new memory, and to
 * find it again the garbage collector goes through the whole program for every 32 MB that come: a third
 * of the processor time of a download, and pauses of up to 25 ms.
 */
export class BufferPool {
  readonly #ours = new WeakSet<ArrayBufferLike>();
  #free: Buffer[] = [];

  /**
   * For the sockets of a dispatcher whose answers {@link release} and {@link leave} what they get.
   * @param socket known once it is connected; what comes before is nobody's.
   */
  readerOf(socket: () => Socket | undefined): OnReadOpts {
    let rest: Buffer | undefined;
    return {
      // Asked for once at the beginning, and after every read.
      buffer: () => {
        const next = rest && rest.length >= LEAST_BYTES ? rest : this.#take();
        rest = next;
        return next;
      },
      callback: (size) => {
        const read = rest?.subarray(0, size) ?? Buffer.alloc(0);
        rest = rest?.subarray(size);
        return socket()?.push(read) ?? true;
      },
    };
  }

  /** Whether sockets read into it; what Node puts together of several reads is a copy elsewhere. */
  has(memory: ArrayBufferLike): boolean {
    return this.#ours.has(memory);
  }

  /** Nobody looks at these bytes any more, nor will more of this memory come to whoever had them. */
  release(memory: ArrayBufferLike): void {
    if (this.#ours.has(memory) && this.#free.length < MAX_FREE)
      this.#free.push(Buffer.from(memory));
  }

  /** It is not known who else will get bytes in this memory: it is not used again. */
  leave(memory: ArrayBufferLike): void {
    this.#ours.delete(memory);
  }

  /** Gives back what is kept for later. */
  clear(): void {
    this.#free = [];
  }

  #take(): Buffer {
    const free = this.#free.pop();
    if (free) return free;
    const slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    this.#ours.add(slab.buffer);
    return slab;
  }
}
