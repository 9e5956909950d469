/** A longer line is cut: no engine says anything that long to a person. */
export const MAX_LINE_CHARS = 8192;

/**
 * One line of a {@link Terminal}. A column is one UTF-16 unit: right for the bars that are drawn over,
 * and an emoji takes two, as on a real terminal.
 */
export class Row {
  static readonly MAX_COLUMN = MAX_LINE_CHARS;

  /** Number of the line in its run. */
  readonly n: number;
  /** Unix ms at which it began. */
  readonly time: number;
  /** How many rows began before it, and the one above it on the screen. */
  readonly place: number;
  above: Row | undefined;
  /** Whether the terminal's owner has not seen its last state. */
  isChanged = false;
  /** Whether the engine wrote it because of a request of the manager's own. */
  isProbe = false;
  #text = '';
  /** The units, from the first time on that something was written over. A typed array would cost more. */
  #cells: number[] | undefined;
  #length = 0;
  #isCut = false;

  constructor(n: number, time: number, place: number, above: Row | undefined) {
    this.n = n;
    this.time = time;
    this.place = place;
    this.above = above;
  }

  /** What is to be seen of it, at most {@link MAX_LINE_CHARS} characters. */
  get text(): string {
    if (!this.#cells) return this.#text;
    const units = this.#cells.slice(0, this.#length);
    // What was written over half of a character leaves no half of it.
    return String.fromCharCode(...units)
      .toWellFormed()
      .trimEnd();
  }

  /** Whether there was more than is kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Puts a text at a column; returns the column after it. */
  write(column: number, text: string): number {
    const room = MAX_LINE_CHARS - column;
    if (text.length > room) this.#isCut = true;
    const shown = text.length > room ? copyOf(text.slice(0, room)) : text;
    const end = column + shown.length;
    if (!this.#cells && column === this.#length) {
      this.#text += shown;
      this.#length = end;
    } else if (shown !== '') this.#overwrite(column, shown);
    return end;
  }

  /** Erases from a column on. */
  eraseFrom(column: number): void {
    this.#isCut = false;
    if (column >= this.#length) return;
    if (!this.#cells) this.#text = this.#text.slice(0, column);
    this.#length = column;
  }

  /** Erases up to a column, included. */
  eraseTo(column: number): void {
    const end = Math.min(column + 1, this.#length);
    if (end > 0) this.#overwrite(0, ' '.repeat(end));
  }

  #overwrite(column: number, text: string): void {
    this.#cells ??= unitsOf(this.#text);
    this.#text = '';
    const cells = this.#cells;
    // What was never written to, left of the column, is blank.
    for (let index = this.#length; index < column; index++) cells[index] = SPACE;
    for (let index = 0; index < text.length; index++) {
      cells[column + index] = text.charCodeAt(index);
    }
    this.#length = Math.max(this.#length, column + text.length);
  }
}

const SPACE = 0x20;

function unitsOf(text: string): number[] {
  const units: number[] = [];
  for (let index = 0; index < text.length; index++) units.push(text.charCodeAt(index));
  return units;
}

/** A part of a string keeps the whole in memory; a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
