/** What a sequence does to the cursor and to what is on the screen. */
export type Effect =
  | { readonly kind: 'row'; readonly by: number; readonly toStart: boolean }
  | { readonly kind: 'column'; readonly by: number; readonly at?: number }
  | { readonly kind: 'erase'; readonly what: 'line-end' | 'line-start' | 'line' | 'below' };

type State = 'text' | 'escape' | 'charset' | 'control' | 'string' | 'string-escape';

/** A longer sequence is none. */
const MAX_PARAMETERS = 64;
/** A title or a link; a longer one was never ended, and what follows is text again. */
const MAX_STRING = 4096;
const MAX_STEP = 10_000;

/**
 * Takes escape sequences out of a text (ECMA-48; xterm's ctlseqs): `ESC [` with parameters and a final
 * byte, strings such as titles and links up to BEL or `ESC \`, and the short ones. A sequence may be cut
 * anywhere between two calls.
 */
export class EscapeParser {
  #state: State = 'text';
  #parameters = '';
  #length = 0;

  /** Whether a sequence has begun and not ended. */
  get isInside(): boolean {
    return this.#state !== 'text';
  }

  /** An ESC was read. */
  begin(): void {
    this.#state = 'escape';
    this.#parameters = '';
    this.#length = 0;
  }

  /** A sequence does not go over the end of a line: what was never ended must not swallow the log. */
  reset(): void {
    this.#state = 'text';
  }

  /** Reads from `at` to the end of the sequence or of the text; returns where it stopped. */
  take(text: string, at: number, obey: (effect: Effect) => void): number {
    for (let index = at; index < text.length; index++) {
      const code = text.charCodeAt(index);
      const isTaken = this.#step(code, obey);
      if (!this.isInside) return isTaken ? index + 1 : index;
    }
    return text.length;
  }

  /** Returns whether the character belonged to the sequence. */
  #step(code: number, obey: (effect: Effect) => void): boolean {
    switch (this.#state) {
      case 'text':
        return false;
      case 'escape':
        return this.#afterEscape(code, obey);
      case 'charset':
        if (code < 0x20 || code > 0x2f) this.#state = 'text';
        return code >= 0x20 && code < 0x7f;
      case 'control':
        return this.#controlSequence(code, obey);
      case 'string':
        return this.#string(code);
      case 'string-escape':
        if (code === BACKSLASH) this.#state = 'text';
        else {
          this.begin();
          return this.#step(code, obey);
        }
        return true;
    }
  }

  #afterEscape(code: number, obey: (effect: Effect) => void): boolean {
    if (code === 0x5b) this.#state = 'control';
    else if (STRING_STARTS.has(code)) this.#state = 'string';
    else if (code >= 0x20 && code <= 0x2f) this.#state = 'charset';
    else if (code === ESC) this.begin();
    else {
      this.#state = 'text';
      // Reverse index: up, in the same column.
      if (code === 0x4d) obey({ kind: 'row', by: -1, toStart: false });
      return code >= 0x20 && code < 0x7f;
    }
    return true;
  }

  #controlSequence(code: number, obey: (effect: Effect) => void): boolean {
    if (code >= 0x20 && code <= 0x3f && this.#parameters.length < MAX_PARAMETERS) {
      this.#parameters += String.fromCharCode(code);
      return true;
    }
    this.#state = 'text';
    if (code === ESC) {
      this.begin();
      return true;
    }
    if (code < 0x40 || code > 0x7e) return false;
    const effect = effectOf(String.fromCharCode(code), this.#parameters);
    if (effect) obey(effect);
    return true;
  }

  #string(code: number): boolean {
    this.#length += 1;
    if (code === BELL) this.#state = 'text';
    else if (code === ESC) this.#state = 'string-escape';
    else if (this.#length > MAX_STRING) this.#state = 'text';
    return true;
  }
}

const BELL = 0x07;
const ESC = 0x1b;
const BACKSLASH = 0x5c;
/** DCS, SOS, OSC, PM, APC. */
const STRING_STARTS = new Set([...'PX]^_'].map((character) => character.charCodeAt(0)));

function effectOf(final: string, parameters: string): Effect | undefined {
  const first = /^\d{1,9}/.exec(parameters)?.[0];
  const count = Math.min(Math.max(Number(first ?? 1), 1), MAX_STEP);
  switch (final) {
    case 'A':
      return { kind: 'row', by: -count, toStart: false };
    case 'B':
      return { kind: 'row', by: count, toStart: false };
    case 'C':
      return { kind: 'column', by: count };
    case 'D':
      return { kind: 'column', by: -count };
    case 'E':
      return { kind: 'row', by: count, toStart: true };
    case 'F':
      return { kind: 'row', by: -count, toStart: true };
    case 'G':
    case '`':
      return { kind: 'column', by: 0, at: count - 1 };
    case 'K':
      return eraseInLine(Number(first ?? 0));
    case 'J':
      // What erases the whole screen is for programs that draw windows: a log keeps its lines.
      return Number(first ?? 0) === 0 ? { kind: 'erase', what: 'below' } : undefined;
    default:
      return undefined;
  }
}

function eraseInLine(mode: number): Effect | undefined {
  const what = (['line-end', 'line-start', 'line'] as const)[mode];
  return what && { kind: 'erase', what };
}
