import { StringDecoder } from 'node:string_decoder';

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

  /** Calls `onLine` with each finished line, its bytes without the line end, and its length with it. */
  push(chunk: Buffer, onLine: (line: Buffer, length: number) => void): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const part = chunk.subarray(from, at);
      const length = this.#restLength + part.length + 1;
      onLine(this.#rest.length === 0 ? part : join(this.#rest, part), length);
      this.#rest = Buffer.alloc(0);
      this.#restLength = 0;
      from = at + 1;
    }
    if (from === chunk.length) return;
    const tail = chunk.subarray(from);
    this.#restLength += tail.length;
    this.#rest = join(this.#rest, tail);
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

/** The text of a line; bytes that are no UTF-8 become the replacement character. */
export function decodeLine(line: Buffer): string {
  return new StringDecoder('utf8').end(line.subarray(0, MAX_LINE_BYTES));
}
