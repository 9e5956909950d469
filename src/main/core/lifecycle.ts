import type { Clock, Logger } from './ports';
import { Deadline } from './ports/deadline';

/** One part of the core with a beginning and an end. */
export interface Phase {
  readonly name: string;
  readonly start?: () => Promise<void> | void;
  /** Ends it by the deadline. What takes longer goes on by itself, and nobody waits for it any more. */
  readonly stop?: (deadline: Deadline) => Promise<void> | void;
  /** The most of the whole stop's time that it may take, ms. */
  readonly stopLimitMs?: number;
}

/** Everything has ended by then after a quit was asked for, or the process is ended, ms. */
export const QUIT_MS = 15_000;

const DEFAULT_STOP_LIMIT_MS = 3000;
/** What the last parts get when the time is used up: enough to begin, and for most of them to end. */
const LEAST_MS = 100;

/** Starts parts in order and stops the started ones in reverse; one that fails to stop does not keep the rest. */
export class Lifecycle {
  readonly #phases: readonly Phase[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  #started: Phase[] = [];
  #stopping: Promise<string[]> | undefined;

  constructor(phases: readonly Phase[], clock: Clock, logger: Logger) {
    this.#phases = phases;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Rejects with the first phase's error, after stopping what had been started. */
  async start(): Promise<void> {
    const began = this.#clock.monotonic();
    const times: string[] = [];
    for (const phase of this.#phases) {
      const phaseBegan = this.#clock.monotonic();
      try {
        await phase.start?.();
      } catch (error) {
        this.#logger.error(`Starting ${phase.name} failed`, { error: String(error) });
        await this.stop();
        throw error;
      }
      this.#started.push(phase);
      times.push(`${phase.name} ${Math.round(this.#clock.monotonic() - phaseBegan)}`);
    }
    const total = Math.round(this.#clock.monotonic() - began);
    this.#logger.info(`Started in ${total} ms (${times.join(', ')})`);
  }

  /**
   * Stops everything within one budget. Idempotent: every caller waits for the same stop, by the first one's
   * deadline.
   * @returns the names of the parts that did not end, or failed to: of these nothing may be claimed.
   */
  stop(deadline = Deadline.in(this.#clock, QUIT_MS)): Promise<string[]> {
    this.#stopping ??= this.#stopAll(deadline);
    return this.#stopping;
  }

  async #stopAll(deadline: Deadline): Promise<string[]> {
    const began = this.#clock.monotonic();
    const left: string[] = [];
    for (const phase of [...this.#started].reverse()) {
      if (!(await this.#stopOne(phase, deadline))) left.push(phase.name);
    }
    this.#started = [];
    this.#logger.info(`Stopped in ${Math.round(this.#clock.monotonic() - began)} ms`);
    return left;
  }

  async #stopOne(phase: Phase, whole: Deadline): Promise<boolean> {
    const limit = phase.stopLimitMs ?? DEFAULT_STOP_LIMIT_MS;
    const ms = Math.max(LEAST_MS, whole.within(limit).leftMs);
    const deadline = Deadline.in(this.#clock, ms);
    const stop = async (): Promise<'done'> => {
      await phase.stop?.(deadline);
      return 'done';
    };
    try {
      if ((await deadline.race(stop())) === 'done') return true;
      this.#logger.warn(`Stopping ${phase.name} took longer than ${Math.round(ms)} ms; going on`);
    } catch (error) {
      this.#logger.error(`Stopping ${phase.name} failed`, { error: String(error) });
    }
    return false;
  }
}
