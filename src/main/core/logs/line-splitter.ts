const NEWLINE = 0x0a;
/** Bytes of one line that are kept in memory; the rest of a longer one is passed over. */
const MAX_LINE_BYTES = 64 * 1024;

/** Splits bytes into lines without ever holding more than one line of limited length. */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the unfinished line, also those that are not kept. */
  #restLength = 0;

  /** Length in bytes of the line that has begun but not ended. */
  get pendingBytes(): number {
    return this.#restLength;
  }

  /**
   * Calls `onLine` with each finished line, its bytes without the line end, and its length with it. The
   * first `skip` lines, at most those that end here, are only passed over, which costs a flood next to
   * nothing; returns their bytes.
   */
  push(chunk: Buffer, onLine: (line: Buffer, length: number) => void, skip = 0): number {
    let from = 0;
    for (let line = 0; line < skip; line++) from = chunk.indexOf(NEWLINE, from) + 1;
    const passed = from === 0 ? 0 : from + this.#restLength;
    if (from > 0) {
      this.#rest = Buffer.alloc(0);
      this.#restLength = 0;
    }
    for (let at = chunk.indexOf(NEWLINE, from); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const part = chunk.subarray(from, at);
      const length = this.#restLength + part.length + 1;
      onLine(this.#rest.length === 0 ? part : join(this.#rest, part), length);
      this.#rest = Buffer.alloc(0);
      this.#restLength = 0;
      from = at + 1;
    }
    if (from === chunk.length) return passed;
    const tail = chunk.subarray(from);
    this.#restLength += tail.length;
    this.#rest = join(this.#rest, tail);
    return passed;
  }

  /** The line that was never ended, if any. */
  end(): { line: Buffer; length: number } | undefined {
    if (this.#restLength === 0) return undefined;
    const last = { line: this.#rest, length: this.#restLength };
    this.#rest = Buffer.alloc(0);
    this.#restLength = 0;
    return last;
  }
}

function join(a: Buffer, b: Buffer): Buffer {
  const room = MAX_LINE_BYTES - a.length;
  // Always a copy: the chunk's memory is used again for the next read.
  return room <= 0 ? a : Buffer.concat([a, b.subarray(0, room)]);
}

/** How many lines end in this chunk. */
export function countLineEnds(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

/** The text of a line; bytes that are no UTF-8 become the replacement character. */
export function decodeLine(line: Buffer): string {
  return line.toString('utf8', 0, Math.min(line.length, MAX_LINE_BYTES));
}
