import type { Logger } from '.';
import type { Deadline } from './deadline';

interface Task {
  readonly name: string;
  readonly ended: Promise<void>;
}

/**
 * Owns the work that goes on beside what asked for it: each piece has a name, a signal that ends it, and somebody
 * who hears of its failure and waits for its end.
 */
export class Background {
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #tasks = new Set<Task>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Names of what is under way, oldest first. */
  get running(): string[] {
    return [...this.#tasks].map(({ name }) => name);
  }

  /**
   * Begins work and returns at once. A failure is logged under the name and is the end of this work alone;
   * whoever needs to act on it catches it inside. Nothing is begun after {@link stop}.
   */
  run(name: string, work: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.#stop.signal.aborted) return;
    const task: Task = { name, ended: this.#end(name, work).then(() => this.#forget(task)) };
    this.#tasks.add(task);
  }

  /**
   * Ends all of it and waits for that, no longer than the deadline where there is one.
   * @returns the names of what had not ended by then.
   */
  async stop(deadline?: Deadline): Promise<string[]> {
    this.#stop.abort();
    await (deadline ? deadline.race(this.settled()) : this.settled());
    const left = this.running;
    if (left.length > 0) this.#logger.warn(`Still under way: ${left.join(', ')}`);
    return left;
  }

  /** Resolves when nothing is under way, what is begun meanwhile included; ends nothing. */
  async settled(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all([...this.#tasks].map(({ ended }) => ended));
  }

  async #end(name: string, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await work(this.#stop.signal);
    } catch (error) {
      // What the end of the signal broke off has not failed.
      const isBrokenOff = this.#stop.signal.aborted && isAbort(error);
      if (isBrokenOff) return;
      this.#logger.error(`Background work failed: ${name}`, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  #forget(task: Task): void {
    this.#tasks.delete(task);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
