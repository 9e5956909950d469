import type { Output } from './output';

/** Without a terminal a line of progress comes at most this often, ms. */
const LINE_MS = 5000;

/** Progress for a person: one line that changes on a terminal, or a line now and then. */
export class ProgressLine {
  readonly #output: Pick<Output, 'note'>;
  #lastText = '';
  #lastAt = Number.NEGATIVE_INFINITY;
  #isOpen = false;

  constructor(output: Pick<Output, 'note'>) {
    this.#output = output;
  }

  show(text: string): void {
    if (text === this.#lastText) return;
    if (process.stderr.isTTY) this.#live(text);
    else this.#line(text, performance.now());
  }

  /** Ends the line that changes. */
  end(): void {
    if (this.#isOpen) process.stderr.write('\n');
    this.#isOpen = false;
  }

  #live(text: string): void {
    this.#lastText = text;
    this.#isOpen = true;
    const width = process.stderr.columns || 80;
    process.stderr.write(`\r\u001b[K${text.slice(0, Math.max(20, width - 1))}`);
  }

  #line(text: string, now: number): void {
    if (now - this.#lastAt < LINE_MS) return;
    this.#lastText = text;
    this.#lastAt = now;
    this.#output.note(text);
  }
}
