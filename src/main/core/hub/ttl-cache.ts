import { whileWanted } from '@shared/while-wanted';
import type { Clock } from '../ports';

interface Entry<T> {
  readonly at: number;
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  /** How many callers wait for it. One without a signal is never taken off, so that the question is not ended. */
  waiting: number;
}

/**
 * Keeps the newest answers by key, up to a number and an age, and lets callers who ask for the same key share one
 * question. An answer that fails is not kept.
 */
export class TtlCache<T> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #freshMs: number;
  readonly #answers = new Map<string, Entry<T>>();

  /**
   * @param most how many answers are kept; beyond that the oldest goes.
   * @param freshMs the age from which an answer is asked for anew, ms; without it, age does not count.
   */
  constructor(clock: Clock, most: number, freshMs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#most = most;
    this.#freshMs = freshMs;
  }

  /**
   * @param ask is called when there is no fresh answer and no question under way. Its signal is aborted when the
   *   last caller has stopped waiting.
   * @param signal ends the wait of this caller alone, which then rejects with the signal's reason.
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
    // In the listener, not after the await: the next caller must not join a question that is being ended.
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await whileWanted(entry.answer, signal);
    } catch (error) {
      // If the caller gave up, that is the reason to tell, not the error it caused in the question.
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
