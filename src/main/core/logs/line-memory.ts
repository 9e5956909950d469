import type { LogLine } from '@shared/domain/log';
import { LineRing } from './line-ring';

/** For views, every line. */
const RECENT = { lines: 2000, chars: 512 * 1024 };
/** What may be evidence, kept however often the manager asked meanwhile. */
const SAID = { lines: 500, chars: 128 * 1024 };

/** The newest lines of a run: all of them, and those that are not about the manager's own requests. */
export class LineMemory {
  readonly #recent = new LineRing(RECENT);
  readonly #said = new LineRing(SAID);
  #lastSaid: string | undefined;

  keep(lines: readonly LogLine[]): void {
    this.recall(lines);
    for (const line of lines) {
      // Of some lines it is known only afterwards that they belong to a request of the manager's own.
      if (line.source === 'probe') this.#said.remove(line.n);
      else this.#said.put(line);
    }
  }

  /** Takes in lines that were told before: they are shown again, but prove nothing about what happens now. */
  recall(lines: readonly LogLine[]): void {
    for (const line of lines) this.#recent.put(line);
    const last = lines.findLast(({ source, text }) => source === 'engine' && text.trim() !== '');
    this.#lastSaid = last?.text ?? this.#lastSaid;
  }

  /** What the engine said last. */
  get lastSaid(): string | undefined {
    return this.#lastSaid;
  }

  /** The newest lines of the engine and of the manager. */
  said(count: number): LogLine[] {
    return this.#said.newest(count);
  }

  /** Number of the oldest line after which none is missing; undefined while there is none. */
  get first(): number | undefined {
    return this.#recent.first;
  }

  /** Lines [from, to) where all of them are here and at least one is; undefined otherwise. */
  range(from: number, to: number): LogLine[] | undefined {
    return this.#recent.range(from, to);
  }
}
