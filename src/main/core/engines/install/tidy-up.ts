import type { Clock } from '../../ports';
import type { Background } from '../../ports/background';
import { sleep } from '../../ports/clock';
import type { OwnedTools } from '../tools/owned-tools';
import type { Leftovers } from './leftovers';

export interface TidyUpOptions {
  readonly tools: OwnedTools;
  readonly leftovers: Leftovers;
  readonly background: Background;
  readonly clock: Clock;
  /** Whether this process holds the data folder. */
  readonly mayWrite: () => boolean;
  /** The list may have changed. */
  readonly changed: () => void;
}

/** Pauses between attempts, ms. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Ends tools that dead managers and failed stops have left, and then deletes what they were making: never before,
 * for a living installer makes its folder anew.
 */
export class TidyUp {
  readonly #options: TidyUpOptions;
  #isTrying = false;

  constructor(options: TidyUpOptions) {
    this.#options = options;
  }

  /** At the start: once at once, and what cannot be done yet as soon as it can. */
  async begin(): Promise<void> {
    const { tools, leftovers, mayWrite } = this.#options;
    if (mayWrite()) {
      await tools.recover();
      if (await this.#attempt()) await leftovers.sweep();
      else this.keepTrying();
    } else await leftovers.mark();
    await leftovers.relocate();
    await leftovers.listUnknown();
  }

  /** Until nothing is left, with growing pauses; once at a time. */
  keepTrying(): void {
    if (this.#isTrying) return;
    this.#isTrying = true;
    const { background } = this.#options;
    background.run('ending installers that were left', async (signal) => {
      try {
        await this.#tryUntilDone(signal);
      } finally {
        this.#isTrying = false;
      }
    });
  }

  async #tryUntilDone(signal: AbortSignal): Promise<void> {
    const { clock, changed } = this.#options;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await sleep(clock, pause, signal);
      if (signal.aborted) return;
      const isDone = await this.#attempt();
      changed();
      if (isDone) return;
    }
  }

  /** Whether nothing is left that another attempt could end. */
  async #attempt(): Promise<boolean> {
    const { tools, leftovers } = this.#options;
    await tools.endLeft();
    const isTold = await leftovers.clean();
    return isTold && tools.isClear;
  }
}
