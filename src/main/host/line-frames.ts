const NEWLINE = 0x0a;

/** One line was longer than the limit; the connection is of no more use. */
export class FrameTooLarge extends Error {}

/** Cuts a byte stream into lines of UTF-8; what it holds is bounded by `maxBytes`. */
export class LineFrames {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that this chunk completes. Throws {@link FrameTooLarge}. */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#hold(chunk.subarray(from, end));
      lines.push(Buffer.concat(this.#parts).toString('utf8'));
      this.#parts = [];
      this.#held = 0;
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    return lines.filter((line) => line.trim() !== '');
  }

  #hold(part: Buffer): void {
    this.#held += part.length;
    if (this.#held > this.#maxBytes) throw new FrameTooLarge();
    this.#parts.push(part);
  }
}
