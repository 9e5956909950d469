import type { Logger } from '@core/ports';

/** Everything has ended by then, or the process is ended by the watchdog. */
const QUIT_LIMIT_MS = 15_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One way out: the first call counts, later ones are the same quit. */
export class Quit {
  /** Resolves when somebody asked to quit. */
  readonly requested: Promise<void>;
  readonly #logger: () => Logger | undefined;
  readonly #onSignal = (signal: NodeJS.Signals): void => this.request(signal);
  #resolve: () => void = () => undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #isRequested = false;

  /** `logger` is a function, since signals are taken before there is a log. */
  constructor(logger: () => Logger | undefined) {
    this.#logger = logger;
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  request(why: string): void {
    if (this.#isRequested) return;
    this.#isRequested = true;
    this.#logger()?.info(`Quitting: ${why}`);
    this.#watchdog = setTimeout(() => {
      this.#logger()?.error('Quitting took too long; the process is ended now');
      process.exit(1);
    }, QUIT_LIMIT_MS);
    this.#resolve();
  }

  /** Everything is down. Signals stay taken, so that a late one does not change the exit code. */
  done(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog?.unref();
  }
}
