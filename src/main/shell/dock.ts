import type { Logger } from '@core/ports';
import { app } from 'electron';

/**
 * macOS ignores a hide within a second of a show, and quick changes may leave two icons (docs/api/dock): so
 * the newest wish is carried out when this has passed.
 */
const GUARD_MS = 1150;

/** Makes the Dock follow, never faster than the system can. */
export class Dock {
  readonly #logger: Logger;
  #shown: boolean | undefined;
  #changedAt = Number.NEGATIVE_INFINITY;
  #wanted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  follow(wanted: boolean): void {
    this.#wanted = wanted;
    if (this.#timer) return;
    const wait = this.#changedAt + GUARD_MS - performance.now();
    if (wait <= 0) this.#apply();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#apply();
      }, wait);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #apply(): void {
    if (!app.dock || this.#shown === this.#wanted) return;
    this.#shown = this.#wanted;
    this.#changedAt = performance.now();
    if (this.#wanted) {
      app.dock.show().catch((error: unknown) => {
        this.#logger.warn('The Dock does not show the application', { error: String(error) });
      });
    } else app.dock.hide();
  }
}
