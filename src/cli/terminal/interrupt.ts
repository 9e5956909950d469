import { messageOf } from '@shared/errors';
import { endProcess } from './end-process';

/** Exit codes of an interrupted command: 128 + the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * One Ctrl-C may come twice: from the terminal and from a wrapper that passes it on. Only a later one is a
 * person's second.
 */
const SAME_SIGNAL_MS = 500;

/** Ctrl-C ends what the command does: its hooks run, newest first, then the process ends with 130. */
export class Interrupt {
  readonly #hooks: (() => Promise<void> | void)[] = [];
  #armed = false;
  #endingSince: number | undefined;
  #code: number | undefined;

  /** Takes the signals from now on; `serve` has its own way to quit and never calls this. */
  arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        this.#end(EXIT_CODES[signal]).catch(() => endProcess(EXIT_CODES[signal]));
      });
    }
  }

  /** Whether the signals are taken here. */
  get isArmed(): boolean {
    return this.#armed;
  }

  /** Whether the process is on its way out: what fails now is not reported. */
  get isEnding(): boolean {
    return this.#endingSince !== undefined;
  }

  /** Returns the function that takes the hook back. */
  onInterrupt(hook: () => Promise<void> | void): () => void {
    this.#hooks.push(hook);
    return () => {
      const at = this.#hooks.indexOf(hook);
      if (at !== -1) this.#hooks.splice(at, 1);
    };
  }

  /** The command has failed with this code: that nobody takes the reason is no success. */
  settle(code: number): void {
    this.#code = code;
  }

  /** Nobody takes the output any more: ends as Ctrl-C does, where that ends the command. */
  async leave(code: number): Promise<void> {
    if (this.#armed && !this.isEnding) await this.#end(this.#code ?? code);
  }

  async #end(code: number): Promise<void> {
    if (this.#endingSince !== undefined) {
      // A second Ctrl-C does not wait for hooks.
      if (performance.now() - this.#endingSince > SAME_SIGNAL_MS) await endProcess(code);
      return;
    }
    this.#endingSince = performance.now();
    for (const hook of [...this.#hooks].reverse()) {
      try {
        await hook();
      } catch (error) {
        process.stderr.write(`${messageOf(error)}\n`);
      }
    }
    await endProcess(code);
  }
}
