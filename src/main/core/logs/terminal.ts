import { StringDecoder } from 'node:string_decoder';
import { type Effect, EscapeParser } from './escape-parser';
import { Row } from './row';

/** Lines that can still change: the height of the terminal. tqdm draws at most 20 bars where there is none. */
export const SCREEN_ROWS = 50;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** What a new line is called and when it began. */
export interface RowName {
  readonly n: number;
  readonly time: number;
}

export interface TerminalOptions {
  /** Names the next line; called when its first character or its end arrives. */
  readonly begin: () => RowName;
  /** A line has left the screen at its top: nothing can change it any more. */
  readonly onLeave?: ((row: Row) => void) | undefined;
}

/**
 * Reads a log as a terminal would show it: a line that is written over has its last state, what is
 * erased is gone, bars that are drawn again by moving the cursor up stay the lines they were. So a line
 * of the log is a row of this terminal, not what stands between two line feeds, and its number is given
 * when it begins.
 *
 * The terminal is {@link SCREEN_ROWS} high and has no width: a long line is one row, cut where
 * `MAX_LINE_CHARS` says. It holds no other state than the rows on its screen, so memory and time are
 * bounded for any bytes. Colors, titles, links and all other sequences have no effect.
 */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #parser = new EscapeParser();
  readonly #decoder = new StringDecoder('utf8');
  /** The rows on the screen, each at its place modulo the height. */
  readonly #ring: Row[] = [];
  /** Places count rows from the beginning: of the one at the top, of the next one below, of the cursor. */
  #top = 0;
  #end = 0;
  #cursor = 0;
  #column = 0;
  #isFresh = true;
  #changed: Row[] = [];
  #highest: number | undefined;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  /** The lines on the screen, the oldest first. */
  get rows(): Row[] {
    const places = Array.from({ length: this.#end - this.#top }, (_, index) => this.#top + index);
    return places.flatMap((place) => this.#rowAt(place) ?? []);
  }

  /**
   * Whether nothing that is on the screen has to be known to read on from here: the cursor is at the
   * beginning of a line that has not begun.
   */
  get isAtLineStart(): boolean {
    return this.#isFresh && this.#cursor === this.#end;
  }

  /** The line that the cursor is in, where it is in one. */
  get current(): Row | undefined {
    return this.#rowAt(this.#cursor);
  }

  /** Whether the engine may still write to this line without going back to it. */
  isOpen(row: Row): boolean {
    return row.place >= this.#cursor;
  }

  /** Takes in bytes without a line feed. */
  write(bytes: Buffer): void {
    this.#isFresh = false;
    this.#feed(this.#decoder.write(bytes));
  }

  /** Takes in a line feed. Returns the row that it ended. */
  lineFeed(): Row {
    if (!this.#isFresh) {
      this.#feed(this.#decoder.end());
      this.#parser.reset();
    }
    const row = this.current ?? this.#begin();
    this.touch(row);
    this.#cursor += 1;
    this.#column = 0;
    this.#isFresh = true;
    return row;
  }

  /** Takes in this many whole lines whose text nobody wants to know. Only at the start of a line. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) {
      // Of those that only pass through the screen not even the row is made.
      if (left > SCREEN_ROWS) this.#options.begin();
      else this.#begin();
    }
    this.#cursor = this.#end;
  }

  /** Counts a row among those that {@link takeChanged} gives. */
  touch(row: Row): void {
    if (row.isChanged) return;
    row.isChanged = true;
    this.#changed.push(row);
  }

  /** The `count` newest of the lines that have changed since the last call, by number. */
  takeChanged(count = Number.POSITIVE_INFINITY): Row[] {
    const changed = this.#changed.sort((a, b) => a.n - b.n);
    this.#changed = [];
    for (const row of changed) row.isChanged = false;
    return changed.slice(-count);
  }

  /** The lowest number of a line that the cursor went up to since the last call. */
  takeHighest(): number | undefined {
    const highest = this.#highest;
    this.#highest = undefined;
    return highest;
  }

  #rowAt(place: number): Row | undefined {
    return place >= this.#top && place < this.#end ? this.#ring[place % SCREEN_ROWS] : undefined;
  }

  #begin(): Row {
    if (this.#end - this.#top === SCREEN_ROWS) this.#scroll();
    const { n, time } = this.#options.begin();
    const row = new Row(n, time, this.#end, this.#rowAt(this.#end - 1));
    this.#ring[this.#end % SCREEN_ROWS] = row;
    this.#end += 1;
    // What has left the screen and was not asked for in time is only in the file.
    if (this.#changed.length > MAX_CHANGED) this.#changed = this.#changed.slice(-MAX_CHANGED / 2);
    return row;
  }

  #scroll(): void {
    const left = this.#rowAt(this.#top);
    this.#top += 1;
    const top = this.#rowAt(this.#top);
    if (top) top.above = undefined;
    if (left) this.#options.onLeave?.(left);
  }

  #feed(text: string): void {
    for (let at = 0; at < text.length; ) {
      if (this.#parser.isInside) {
        at = this.#parser.take(text, at, this.#obey);
        continue;
      }
      CONTROL.lastIndex = at;
      const next = CONTROL.exec(text)?.index ?? text.length;
      if (next > at) this.#print(text.slice(at, next));
      if (next < text.length) this.#control(text.charCodeAt(next));
      at = next + 1;
    }
  }

  #print(text: string): void {
    const row = this.current ?? this.#begin();
    this.#column = row.write(this.#column, text);
    this.touch(row);
  }

  #control(code: number): void {
    if (code === CARRIAGE_RETURN) this.#column = 0;
    else if (code === BACKSPACE) this.#column = Math.max(0, this.#column - 1);
    else if (code === ESCAPE) this.#parser.begin();
  }

  /** Arrow function: handed to the parser. */
  readonly #obey = (effect: Effect): void => {
    switch (effect.kind) {
      case 'row':
        this.#moveRows(effect.by);
        if (effect.toStart) this.#column = 0;
        break;
      case 'column':
        this.#column = clampColumn(effect.at ?? this.#column + effect.by);
        break;
      case 'erase':
        this.#erase(effect.what);
        break;
    }
  };

  #moveRows(by: number): void {
    // Below the last row nothing has begun; going down there takes a line feed.
    const lowest = Math.max(this.#cursor, this.#end - 1);
    this.#cursor = Math.max(this.#top, Math.min(this.#cursor + by, lowest));
    const row = this.current;
    if (by < 0 && row) this.#highest = Math.min(this.#highest ?? row.n, row.n);
  }

  #erase(what: 'line-end' | 'line-start' | 'line' | 'below'): void {
    const row = this.current;
    if (row) {
      if (what === 'line') row.eraseFrom(0);
      else if (what === 'line-start') row.eraseTo(this.#column);
      else row.eraseFrom(this.#column);
      this.touch(row);
    }
    if (what !== 'below') return;
    for (let place = this.#cursor + 1; place < this.#end; place++) {
      const below = this.#rowAt(place);
      below?.eraseFrom(0);
      if (below) this.touch(below);
    }
  }
}

const BACKSPACE = 0x08;
const CARRIAGE_RETURN = 0x0d;
const ESCAPE = 0x1b;
const MAX_CHANGED = 4096;

function clampColumn(column: number): number {
  return Math.max(0, Math.min(column, Row.MAX_COLUMN));
}
