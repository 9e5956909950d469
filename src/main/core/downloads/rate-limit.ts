import { sleep } from '../ports/clock';
import type { Clock } from '../ports';

/** One limit of bytes per second for all connections: whoever has taken bytes waits until they fit into it. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number | undefined;
  /** When the bytes taken so far would have arrived at exactly the limit; monotonic, ms. */
  #paidAt = 0;

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
    const limit = this.#bytesPerSecond();
    if (limit === undefined) return undefined;
    const now = this.#clock.monotonic();
    this.#paidAt = Math.max(this.#paidAt, now) + (bytes / limit) * 1000;
    const wait = this.#paidAt - now - SLACK_MS;
    return wait > 0 ? sleep(this.#clock, wait, signal) : undefined;
  }
}

/** A pause shorter than this costs more than it saves. */
const SLACK_MS = 20;

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
