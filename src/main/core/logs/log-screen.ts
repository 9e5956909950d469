import { tellsOfProbe } from '@shared/probe-mark';
import type { Row } from './row';
import { Terminal, type TerminalOptions } from './terminal';

/** What an engine writes for a request beside the line of its access log. */
export interface RequestLines {
  /** Written before that line, in one run with it. */
  readonly before?: RegExp;
  /** Written after it, in one run with it. */
  readonly after?: RegExp;
}

export interface LogScreenOptions extends TerminalOptions {
  readonly requestLines: readonly RequestLines[];
}

export interface PushOptions {
  /** Of the first so many lines nobody wants to see the text: where that is possible they are only counted. */
  readonly skip?: number;
  /** Called where reading could begin: at a byte of the chunk at which a line begins. */
  readonly onLineStart?: (offset: number) => void;
}

const LINE_FEED = 0x0a;

/** Takes in the bytes of a log, and knows which of its lines tell of the manager's own requests. */
export class LogScreen {
  readonly #terminal: Terminal;
  readonly #requestLines: readonly RequestLines[];

  constructor({ requestLines, ...terminal }: LogScreenOptions) {
    this.#terminal = new Terminal(terminal);
    this.#requestLines = requestLines;
  }

  get terminal(): Terminal {
    return this.#terminal;
  }

  /** Takes in the next bytes. */
  push(chunk: Buffer, { skip = 0, onLineStart }: PushOptions = {}): void {
    const terminal = this.#terminal;
    let from = 0;
    let ended = 0;
    /** Up to here every line has to be read, because the cursor moves between lines. */
    let read = 0;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, from)) {
      if (ended < skip && from >= read && terminal.isAtLineStart) {
        const block = blockOfLines(chunk, from, skip - ended);
        if (!block.movesBetween) {
          terminal.skip(block.lines);
          ended += block.lines;
          from = block.end;
          onLineStart?.(from);
          continue;
        }
        read = block.end;
      }
      if (at > from) terminal.write(chunk.subarray(from, at));
      this.#ended(terminal.lineFeed());
      from = at + 1;
      ended += 1;
      if (terminal.isAtLineStart) onLineStart?.(from);
    }
    if (from < chunk.length) terminal.write(chunk.subarray(from));
  }

  /** A line has ended: whether it tells of a request of ours, and which lines beside it belong to it. */
  #ended(row: Row): void {
    const { text } = row;
    const isMarked = text !== '' && tellsOfProbe(text);
    row.isProbe =
      isMarked ||
      (row.above?.isProbe === true &&
        this.#requestLines.some(({ after }) => after?.test(text) === true));
    if (!isMarked) return;
    for (let above = row.above; above && !above.isProbe; above = above.above) {
      const said = above.text;
      if (!this.#requestLines.some(({ before }) => before?.test(said) === true)) return;
      above.isProbe = true;
      this.#terminal.touch(above);
    }
  }
}

/** Small enough that one movement of the cursor spoils little. */
const BLOCK_BYTES = 8192;

interface LineBlock {
  readonly lines: number;
  /** The byte after its last line. */
  readonly end: number;
  readonly movesBetween: boolean;
}

/** The next lines of a chunk, at least one, at most `count` and not much more than a block. */
function blockOfLines(chunk: Buffer, from: number, count: number): LineBlock {
  let end = from;
  let lines = 0;
  for (let at = chunk.indexOf(LINE_FEED, from); at !== -1; at = chunk.indexOf(LINE_FEED, end)) {
    end = at + 1;
    lines += 1;
    if (lines === count || end - from >= BLOCK_BYTES) break;
  }
  return { lines, end, movesBetween: movesBetweenLines(chunk.subarray(from, end)) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with one
const VERTICAL = /\u001b(?:M|\[[0-9;?]{0,32}[ABEFJ])/;

/** Colors are common in a flood and move nothing. */
function movesBetweenLines(bytes: Buffer): boolean {
  return bytes.includes(ESC) && VERTICAL.test(bytes.toString('latin1'));
}

const ESC = 0x1b;

/** How many line feeds are in these bytes. */
export function countLineFeeds(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}
