import type { Clock } from '../ports';

/** Answers that are asked for once: the newest so many, for so long; one that fails is not kept. */
export class TtlCache<T> {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #freshMs: number;
  readonly #answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();

  /** @param freshMs how long an answer is true, ms; as long as it is kept unless given. */
  constructor(clock: Clock, most: number, freshMs = Number.POSITIVE_INFINITY) {
    this.#clock = clock;
    this.#most = most;
    this.#freshMs = freshMs;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.#clock.monotonic();
    const known = this.#answers.get(key);
    if (known && now - known.at < this.#freshMs) return known.answer;
    const entry = { at: now, answer: ask() };
    this.#answers.delete(key);
    this.#answers.set(key, entry);
    entry.answer.catch(() => {
      if (this.#answers.get(key) === entry) this.#answers.delete(key);
    });
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#most && oldest !== undefined) this.#answers.delete(oldest);
    return entry.answer;
  }

  clear(): void {
    this.#answers.clear();
  }
}
