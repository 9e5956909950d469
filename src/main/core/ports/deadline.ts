import type { Clock } from '.';
import { sleep } from './clock';

/**
 * A moment on the monotonic clock by which something is over. It is handed down, so that parts of a whole share
 * one budget instead of adding up limits of their own.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #at: number;

  private constructor(clock: Clock, at: number) {
    this.#clock = clock;
    this.#at = at;
  }

  /** `ms` from now. */
  static in(clock: Clock, ms: number): Deadline {
    return new Deadline(clock, clock.monotonic() + ms);
  }

  /** What is left of it, in ms; 0 once it is over. */
  get leftMs(): number {
    return Math.max(0, this.#at - this.#clock.monotonic());
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }

  /** The deadline of a part: `ms` from now, and never later than the whole. */
  within(ms: number): Deadline {
    return new Deadline(this.#clock, Math.min(this.#at, this.#clock.monotonic() + ms));
  }

  /** The deadline of a part after which the rest still needs `ms`. */
  before(ms: number): Deadline {
    return new Deadline(this.#clock, this.#at - ms);
  }

  /** What the work gives, or `late` when it takes longer; it is not ended by that. Rejects as the work does. */
  async race<T>(work: Promise<T>): Promise<T | 'late'> {
    const done = new AbortController();
    const late = sleep(this.#clock, this.leftMs, done.signal).then(() => 'late' as const);
    try {
      return await Promise.race([work, late]);
    } finally {
      done.abort();
    }
  }
}
