/** So many bytes may wait to be read: beyond them the engine waits. */
const MOST_WAITING = 256 * 1024;
/** What follows an answer that nobody reads any more is read so long, ms, and so much of it, bytes. */
const REST_MS = 1000;
const REST_BYTES = 64 * 1024;

/** The connection that a body comes from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/**
 * The body of an engine's answer, read once, as it comes. It can be left early: an answer is often complete a moment
 * before the engine has ended it, its connection can be used again, and an engine that closes it itself writes no
 * traceback, where that moment is waited for. Nobody waits longer than it is worth.
 */
export class UpstreamBody implements AsyncIterable<Uint8Array> {
  readonly #source: BodySource;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #isPaused = false;
  #isOver = false;
  #failure: unknown;
  #wake: (() => void) | undefined;
  /** Bytes since it was left; undefined while it is read. */
  #rest: number | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  push(chunk: Uint8Array): void {
    if (this.#rest !== undefined) {
      this.#rest += chunk.length;
      if (this.#rest > REST_BYTES) this.#cut();
      return;
    }
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_WAITING && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wake?.();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#patience);
    this.#wake?.();
  }

  /** @param failure - what whoever reads it gets after what came before */
  fail(failure: unknown): void {
    this.#failure = failure;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const chunks = this.#take();
        for (const chunk of chunks) yield chunk;
        if (chunks.length > 0) continue;
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#isOver) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    } finally {
      this.#leave();
    }
  }

  #take(): readonly Uint8Array[] {
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#goOn();
    return chunks;
  }

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resume();
  }

  #leave(): void {
    this.#waiting = [];
    if (this.#isOver) return;
    this.#rest = 0;
    this.#patience = setTimeout(() => this.#cut(), REST_MS);
    this.#goOn();
  }

  #cut(): void {
    this.#source.abort(new Error('Nobody reads the rest of the answer.'));
  }
}
