import { QUIT_MS } from '@core/lifecycle';
import type { Logger } from '@core/ports';
import { systemClock } from '@core/ports/clock';
import { Deadline } from '@core/ports/deadline';

import { startWatchdog } from './watchdog';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a host needs at the end for its own: connections, the lock, the last line of the log, ms. */
const HOST_MS = 1000;

/**
 * One way out, and one budget for it: the first call counts, later ones are the same quit. Signals lead here, and
 * errors that nobody caught: the process then goes down in order, since nobody knows what still holds.
 */
export class Quit {
  /** Resolves when somebody asked to quit. */
  readonly requested: Promise<void>;
  readonly #logger: () => Logger | undefined;
  readonly #log: string;
  readonly #resolve: () => void;
  #deadline: Deadline | undefined;
  #hasFailed = false;

  /**
   * @param logger a function, since signals are taken before there is a log.
   * @param log the log's path, for what is said when nothing else can be said any more.
   */
  constructor(logger: () => Logger | undefined, log: string) {
    this.#logger = logger;
    this.#log = log;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.requested = promise;
    this.#resolve = resolve;
    // Taken until the process ends, so that a late one does not change the exit code.
    for (const signal of SIGNALS) process.on(signal, () => this.request(signal));
    process.on('uncaughtException', (error) => this.fail(error));
    process.on('unhandledRejection', (error) => this.fail(error));
  }

  get isRequested(): boolean {
    return this.#deadline !== undefined;
  }

  /** Whether it came to this by an error of ours. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** By when the core has stopped: of a quit that nobody asked for, the whole time from now. */
  get coreDeadline(): Deadline {
    return (this.#deadline ?? Deadline.in(systemClock, QUIT_MS)).before(HOST_MS);
  }

  request(why: string): void {
    if (this.isRequested) return;
    this.#deadline = Deadline.in(systemClock, QUIT_MS);
    startWatchdog({
      ms: QUIT_MS,
      sentence: 'Quitting took too long; the process is ended now.',
      log: this.#log,
    });
    this.#logger()?.info(`Quitting: ${why}`);
    this.#resolve();
  }

  /** An error that nobody caught. */
  fail(error: unknown): void {
    this.#hasFailed = true;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    console.error(detail);
    this.#logger()?.error('An unexpected error; the manager quits in order', { error: detail });
    this.request('an unexpected error');
  }
}
