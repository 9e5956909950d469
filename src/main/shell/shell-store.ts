import type { DocumentStore, Logger } from '@core/ports';
import { z } from 'zod';

/** What only the shell remembers. Everything else belongs to the core's documents. */
const ShellState = z.object({
  /** Where the window was. */
  window: z
    .object({
      x: z.number(),
      y: z.number(),
      width: z.number(),
      height: z.number(),
      fullScreen: z.boolean(),
    })
    .optional()
    .catch(undefined),
  /** The person was told that a closed window leaves the application in the menu bar. */
  toldAboutMenuBar: z.boolean().optional().catch(undefined),
});
type ShellState = z.infer<typeof ShellState>;

/** `desktop.json` in the data folder, in memory while the application runs. */
export class ShellStore {
  readonly #document: DocumentStore;
  readonly #logger: Logger;
  #state: ShellState;
  #writing: Promise<void> = Promise.resolve();

  private constructor(document: DocumentStore, logger: Logger, state: ShellState) {
    this.#document = document;
    this.#logger = logger;
    this.#state = state;
  }

  /** An unreadable document is forgotten: nothing in it is worth a failed start. */
  static async open(document: DocumentStore, logger: Logger): Promise<ShellStore> {
    try {
      const text = await document.read();
      const state = text === undefined ? {} : ShellState.parse(JSON.parse(text));
      return new ShellStore(document, logger, state);
    } catch (error) {
      logger.warn('Where the window was is not known any more', { error: String(error) });
      return new ShellStore(document, logger, {});
    }
  }

  get<K extends keyof ShellState>(key: K): ShellState[K] {
    return this.#state[key];
  }

  /** Remembered at once, and written in its turn. */
  set<K extends keyof ShellState>(key: K, value: NonNullable<ShellState[K]>): void {
    this.#state = { ...this.#state, [key]: value };
    const state = this.#state;
    this.#writing = this.#writing
      .then(() => this.#document.write(state))
      .catch((error: unknown) => {
        // The next start costs a person a look for the window, nothing else.
        this.#logger.warn('Where the window is could not be kept', { error: String(error) });
      });
  }

  /** Resolves when everything was written, or was found not to be writable. */
  settled(): Promise<void> {
    return this.#writing;
  }
}
