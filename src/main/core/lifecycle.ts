import { sleep } from './ports/clock';
import type { Clock, Logger } from './ports';

/** One part of the core with a beginning and an end. */
export interface Phase {
  readonly name: string;
  readonly start?: () => Promise<void> | void;
  readonly stop?: () => Promise<void> | void;
  /** Longest time that its stop may take, ms. */
  readonly stopLimitMs?: number;
}

const DEFAULT_STOP_LIMIT_MS = 3000;

/** Starts parts in order and stops the started ones in reverse; one that fails to stop does not keep the rest. */
export class Lifecycle {
  readonly #phases: readonly Phase[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  #started: Phase[] = [];
  #stopping: Promise<void> | undefined;

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

  /** Idempotent: every caller waits for the same stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const began = this.#clock.monotonic();
    for (const phase of [...this.#started].reverse()) {
      const limit = phase.stopLimitMs ?? DEFAULT_STOP_LIMIT_MS;
      const timer = new AbortController();
      const late = sleep(this.#clock, limit, timer.signal).then(() => 'late' as const);
      const done = Promise.resolve()
        .then(() => phase.stop?.())
        .then(
          () => 'done' as const,
          (error: unknown) => {
            this.#logger.error(`Stopping ${phase.name} failed`, { error: String(error) });
            return 'failed' as const;
          },
        );
      const outcome = await Promise.race([done, late]);
      timer.abort();
      if (outcome === 'late') {
        this.#logger.warn(`Stopping ${phase.name} took longer than ${limit} ms; going on`);
      }
    }
    this.#started = [];
    this.#logger.info(`Stopped in ${Math.round(this.#clock.monotonic() - began)} ms`);
  }
}
