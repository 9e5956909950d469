import type { Logger } from '@core/ports';
import { powerSaveBlocker } from 'electron';

/** Keeps the machine from going to sleep while there is a reason; the display may. */
export class StayAwake {
  readonly #logger: Logger;
  #blocker: number | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** `reason` undefined: it may sleep. */
  follow(reason: string | undefined): void {
    if (reason !== undefined && this.#blocker === undefined) {
      this.#blocker = powerSaveBlocker.start('prevent-app-suspension');
      this.#logger.info(`The machine is kept awake: ${reason}`);
    } else if (reason === undefined && this.#blocker !== undefined) {
      powerSaveBlocker.stop(this.#blocker);
      this.#blocker = undefined;
      this.#logger.info('The machine may go to sleep');
    }
  }
}
