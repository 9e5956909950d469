import { whileWanted } from '@shared/while-wanted';
import type { Clock } from '../ports';

interface Entry<T> {
  readonly at: number;
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  /** How many wait for it; one who waits without a signal waits for ever. */
  waiting: number;
}

/** Answers that are asked for once: the newest so many, for so long; one that fails is not kept. */
export class TtlCache<T> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #freshMs: number;
  readonly #answers = new Map<string, Entry<T>>();

  /** @param freshMs how long an answer is true, ms; as long as it is kept unless given. */
  constructor(clock: Clock, most: number, freshMs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#most = most;
    this.#freshMs = freshMs;
  }

  /**
   * @param ask is called where nothing is known or under way; its signal ends it when nobody waits any more.
   * @param signal ends the waiting of this caller alone, with its reason.
   */
  async get(
    key: string,
    ask: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const entry = this.#known(key) ?? this.#begin(key, ask);
    entry.waiting += 1;
    if (signal === undefined) return entry.answer;
    const leave = (): void => {
      entry.waiting -= 1;
      if (entry.waiting > 0) return;
      this.#forget(key, entry);
      entry.stop.abort(signal.reason);
    };
    // At once, so that who asks next does not share what is being broken off.
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await whileWanted(entry.answer, signal);
    } catch (error) {
      // What was broken off failed because of it.
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  clear(): void {
    this.#answers.clear();
  }

  #known(key: string): Entry<T> | undefined {
    const known = this.#answers.get(key);
    return known && this.#clock.monotonic() - known.at < this.#freshMs ? known : undefined;
  }

  #begin(key: string, ask: (signal: AbortSignal) => Promise<T>): Entry<T> {
    const stop = new AbortController();
    const at = this.#clock.monotonic();
    const entry: Entry<T> = { at, answer: ask(stop.signal), stop, waiting: 0 };
    this.#answers.delete(key);
    this.#answers.set(key, entry);
    entry.answer.catch(() => this.#forget(key, entry));
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#most && oldest !== undefined) this.#answers.delete(oldest);
    return entry;
  }

  #forget(key: string, entry: Entry<T>): void {
    if (this.#answers.get(key) === entry) this.#answers.delete(key);
  }
}
