/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from bytes that are cut
 * anywhere. It stands in the way of every token.
 */

export interface SseEvent {
  readonly type: 'event';
  /** Name of the event, where it has one. */
  readonly event?: string;
  readonly data: string;
}

/** A line that begins with a colon: a sign of life. */
export interface SseComment {
  readonly type: 'comment';
  readonly text: string;
}

export type SseItem = SseEvent | SseComment;

/** A stream with a line or an event that nobody sends in earnest. */
export class SseTooLongError extends Error {
  constructor(readonly limit: number) {
    super(`The stream has an event of more than ${limit} characters.`);
    this.name = 'SseTooLongError';
  }
}

/** Characters of one event at most: an image in an answer fits. */
const LONGEST = 8 * 1024 * 1024;

export class SseDecoder {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #longest: number;
  /** The beginning of a line whose end has not come. */
  #line = '';
  /** The last character was a carriage return: a line feed right after it ends the same line. */
  #afterReturn = false;
  #name: string | undefined;
  #data: string | undefined;

  /** @param longest - characters of one event at most */
  constructor(longest: number = LONGEST) {
    this.#longest = longest;
  }

  /**
   * The events and comments that these bytes complete.
   *
   * @throws SseTooLongError
   */
  push(bytes: Uint8Array): SseItem[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const items: SseItem[] = [];
    let start = 0;
    if (this.#afterReturn && text !== '') {
      this.#afterReturn = false;
      if (text.startsWith('\n')) start = 1;
    }
    for (;;) {
      const end = lineEnd(text, start);
      if (end === -1) break;
      this.#takeLine(this.#line + text.slice(start, end), items);
      this.#line = '';
      start = end + 1;
      if (text.charCodeAt(end) === 0x0d) {
        if (start === text.length) this.#afterReturn = true;
        else if (text.charCodeAt(start) === 0x0a) start += 1;
      }
    }
    // Only the new text is searched, so that a line in many pieces costs no more than its length.
    if (start < text.length) this.#line += start === 0 ? text : text.slice(start);
    if (this.#line.length > this.#longest) throw new SseTooLongError(this.#longest);
    return items;
  }

  #takeLine(line: string, items: SseItem[]): void {
    if (line === '') this.#dispatch(items);
    else if (line.startsWith('data: ')) this.#addData(line.slice(6));
    else if (line.startsWith(':')) items.push({ type: 'comment', text: valueAfter(line, 0) });
    else this.#takeField(line);
  }

  #takeField(line: string): void {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : valueAfter(line, colon);
    if (field === 'data') this.#addData(value);
    else if (field === 'event') this.#name = value;
  }

  #addData(value: string): void {
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (this.#data.length > this.#longest) throw new SseTooLongError(this.#longest);
  }

  #dispatch(items: SseItem[]): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = undefined;
    this.#name = undefined;
    if (data === undefined) return;
    items.push(
      name === undefined || name === ''
        ? { type: 'event', data }
        : { type: 'event', event: name, data },
    );
  }
}

/** What follows the colon, without the one space that may stand there. */
function valueAfter(line: string, colon: number): string {
  return line.slice(line.charCodeAt(colon + 1) === 0x20 ? colon + 2 : colon + 1);
}

/** The next line feed or carriage return, -1 without one. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const before = feed === -1 ? text.length : feed;
  // No carriage return in most streams: what is before the line feed is searched, nothing more.
  for (let at = from; at < before; at += 1) if (text.charCodeAt(at) === 0x0d) return at;
  return feed;
}
