import type { LogLine } from '@shared/domain/log';

/** The newest lines in memory, by number. A line that comes again takes the place of its older state. */
export class LineRing {
  readonly #maxLines: number;
  readonly #maxChars: number;
  #lines: LogLine[] = [];
  #chars = 0;

  constructor(limits: { readonly lines: number; readonly chars: number }) {
    this.#maxLines = limits.lines;
    this.#maxChars = limits.chars;
  }

  put(line: LogLine): void {
    const at = this.#placeOf(line.n);
    const before = this.#lines[at];
    const replaces = before?.n === line.n ? before : undefined;
    this.#lines.splice(at, replaces ? 1 : 0, line);
    this.#chars += line.text.length - (replaces?.text.length ?? 0);
    // Trimmed in large steps: a flood must not move the whole ring with each line.
    if (this.#lines.length > 2 * this.#maxLines || this.#chars > 2 * this.#maxChars) this.#trim();
  }

  remove(n: number): void {
    const at = this.#placeOf(n);
    const [removed] = this.#lines[at]?.n === n ? this.#lines.splice(at, 1) : [];
    this.#chars -= removed?.text.length ?? 0;
  }

  newest(count: number): LogLine[] {
    return count === 0 ? [] : this.#lines.slice(-count);
  }

  /** Lines [from, to) where all of them are here and at least one is; undefined otherwise. */
  range(from: number, to: number): LogLine[] | undefined {
    const rest = this.#lines.slice(this.#placeOf(from));
    const isWhole = rest.length === to - from && rest.every(({ n }, index) => n === from + index);
    return isWhole && rest.length > 0 ? rest : undefined;
  }

  /** Number of the oldest line after which none is missing; undefined while there is none. */
  get first(): number | undefined {
    let first: number | undefined;
    for (const { n } of this.#lines.toReversed()) {
      if (first !== undefined && n !== first - 1) break;
      first = n;
    }
    return first;
  }

  /** Index of line `n`, or where it belongs: lines that come again are among the last. */
  #placeOf(n: number): number {
    let at = this.#lines.length;
    while (at > 0 && (this.#lines[at - 1]?.n ?? 0) >= n) at -= 1;
    return at;
  }

  #trim(): void {
    let chars = 0;
    let from = this.#lines.length;
    while (from > 0 && this.#lines.length - from < this.#maxLines) {
      chars += this.#lines[from - 1]?.text.length ?? 0;
      if (chars > this.#maxChars) break;
      from -= 1;
    }
    this.#lines = this.#lines.slice(from);
    this.#chars = this.#lines.reduce((sum, line) => sum + line.text.length, 0);
  }
}
