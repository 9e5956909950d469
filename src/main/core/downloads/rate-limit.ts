import { sleep } from '../ports/clock';
import type { Clock } from '../ports';

/** A pause shorter than this costs more than it saves. */
const SLACK_MS = 20;

/** Whoever waits asks this often what the limit is now: a person or the hour may have changed it. */
const STEP_MS = 500;

/** One limit of bytes per second for all connections: whoever has taken bytes waits until they fit into it. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number | undefined;
  /** Bytes taken so far, and how many of them would have come by `#countedAt` at exactly the limit. */
  #taken = 0;
  #due = 0;
  #countedAt = 0;

  /** @param bytesPerSecond the limit now; undefined: none. */
  constructor(clock: Clock, bytesPerSecond: () => number | undefined) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /**
   * Counts bytes that came.
   * @returns undefined when more may come at once; otherwise resolves when more may come.
   */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    // What passed before they came is no room for them.
    this.#count();
    this.#taken += bytes;
    const mine = this.#taken;
    return this.#waitFor(mine) > 0 ? this.#until(mine, signal) : undefined;
  }

  async #until(mine: number, signal: AbortSignal): Promise<void> {
    for (let wait = this.#waitFor(mine); wait > 0; wait = this.#waitFor(mine)) {
      await sleep(this.#clock, Math.min(wait, STEP_MS), signal);
      if (signal.aborted) return;
    }
  }

  /** How long the bytes up to this one still take at the limit of now, ms. */
  #waitFor(taken: number): number {
    const limit = this.#count();
    return limit === undefined ? 0 : ((taken - this.#due) / limit) * 1000 - SLACK_MS;
  }

  /** Counts on to now. @returns the limit of now. */
  #count(): number | undefined {
    const limit = this.#bytesPerSecond();
    const now = this.#clock.monotonic();
    const more =
      limit === undefined ? Number.POSITIVE_INFINITY : ((now - this.#countedAt) / 1000) * limit;
    this.#due = Math.min(this.#taken, this.#due + more);
    this.#countedAt = now;
    return limit;
  }
}

/**
 * The limit of all downloads now, bytes per second.
 * @param hours `08:00-18:00` in local time, also over midnight; empty: always.
 */
export function limitNow(megabytes: number, hours: string, now: Date): number | undefined {
  if (megabytes <= 0) return undefined;
  return isWithin(hours, now.getHours() * 60 + now.getMinutes()) ? megabytes * 1e6 : undefined;
}

function isWithin(hours: string, minute: number): boolean {
  const [from, to] = hours.split('-').map((time) => {
    const [hour = 0, minutes = 0] = time.split(':').map(Number);
    return hour * 60 + minutes;
  });
  if (hours === '' || from === undefined || to === undefined || from === to) return true;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
