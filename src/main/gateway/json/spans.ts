/**
 * Where the values of a JSON text stand, without parsing them: so a request's bytes stay the client's own except for
 * the fields that must change. What is accepted here is accepted by `JSON.parse` and means the same there.
 */

/** A part of a text, from its first character to the one after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A field of an object: its key, decoded, and where its value stands. */
export interface Field extends Span {
  readonly key: string;
  /** Where the quote of its key stands. */
  readonly from: number;
}

export interface Edit extends Span {
  readonly text: string;
}

/** A text that is not JSON, or nested too deeply. */
export class JsonTextError extends Error {
  constructor(
    /** The character at which it goes wrong, from 0. */
    readonly position: number,
    message: string,
  ) {
    super(`${message} at character ${position}`);
    this.name = 'JsonTextError';
  }
}

/** Levels of objects and arrays at most: no request of a client has a tenth of it. */
export const DEEPEST = 512;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * The fields of an object in their order, a key that comes twice twice.
 *
 * @param span - where the object stands, white space around it allowed; the whole text without it
 * @throws JsonTextError where it is no object, or no JSON
 */
export function objectFields(text: string, span: Span = whole(text)): Field[] {
  const fields: Field[] = [];
  let at = skipSpace(text, span.start);
  expectCode(text, at, OBJECT, '{');
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === OBJECT_END) {
    expectEnd(text, at + 1, span.end);
    return fields;
  }
  for (;;) {
    const from = at;
    const keyEnd = skipString(text, from);
    at = skipSpace(text, keyEnd);
    expectCode(text, at, COLON, ':');
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start, 1);
    fields.push({ key: stringAt(text, { start: from, end: keyEnd }), from, start, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === OBJECT_END) break;
    expectCode(text, at, COMMA, ', or }');
    at = skipSpace(text, at + 1);
  }
  expectEnd(text, at + 1, span.end);
  return fields;
}

/**
 * The elements of an array.
 *
 * @throws JsonTextError where it is no array, or no JSON
 */
export function arrayElements(text: string, span: Span = whole(text)): Span[] {
  const elements: Span[] = [];
  let at = skipSpace(text, span.start);
  expectCode(text, at, ARRAY, '[');
  at = skipSpace(text, at + 1);
  if (text.charCodeAt(at) === ARRAY_END) {
    expectEnd(text, at + 1, span.end);
    return elements;
  }
  for (;;) {
    const end = skipValue(text, at, 1);
    elements.push({ start: at, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === ARRAY_END) break;
    expectCode(text, at, COMMA, ', or ]');
    at = skipSpace(text, at + 1);
  }
  expectEnd(text, at + 1, span.end);
  return elements;
}

/** The field that counts where a key comes twice: the last, as `JSON.parse` has it. */
export function fieldOf(fields: readonly Field[], key: string): Field | undefined {
  return fields.findLast((field) => field.key === key);
}

/** What a request's body says of itself, without parsing the rest of it. */
export interface ModelFacts {
  /** Undefined where there is no field `model` that is a string. */
  readonly model: string | undefined;
  readonly isStream: boolean;
  readonly fields: readonly Field[];
}

/**
 * The top-level `model` and `stream` of a body.
 *
 * @throws JsonTextError where the text is no JSON object
 */
export function findModel(text: string): ModelFacts {
  const fields = objectFields(text);
  const model = fieldOf(fields, 'model');
  const stream = fieldOf(fields, 'stream');
  return {
    model:
      model !== undefined && text.charCodeAt(model.start) === QUOTE
        ? stringAt(text, model)
        : undefined,
    isStream: stream !== undefined && text.startsWith('true', stream.start),
    fields,
  };
}

/** The text with each span replaced; spans must not overlap, and may come in any order. */
export function replaceSpans(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start < at) throw new RangeError(`The edits at ${edit.start} and before it overlap.`);
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}

/**
 * An object's text with some fields changed: a value replaces the field's own or is added at the end, undefined takes
 * the field out. Every other character stays, apart from the commas and spaces around what is taken out.
 *
 * @param fields - of the whole text, from `objectFields`
 * @param changes - by key, each value a JSON text
 */
export function rewriteFields(
  text: string,
  fields: readonly Field[],
  changes: ReadonlyMap<string, string | undefined>,
): string {
  if (changes.size === 0) return text;
  // Of a key that comes twice the last one counts.
  const counting = new Map(fields.map((field) => [field.key, field]));
  const first = fields[0];
  const last = fields.at(-1);
  let result = text.slice(0, first === undefined ? text.indexOf('{') + 1 : first.from);
  let isEmpty = true;
  const add = (separator: string, entry: string): void => {
    result += isEmpty ? entry : separator + entry;
    isEmpty = false;
  };
  for (const [index, field] of fields.entries()) {
    // The comma before it, with the spaces around that.
    const separator = text.slice(fields[index - 1]?.end ?? field.from, field.from);
    const value = changes.get(field.key);
    if (!changes.has(field.key)) add(separator, text.slice(field.from, field.end));
    else if (value !== undefined && counting.get(field.key) === field)
      add(separator, text.slice(field.from, field.start) + value);
  }
  for (const [key, value] of changes)
    if (value !== undefined && !counting.has(key)) add(',', `${JSON.stringify(key)}:${value}`);
  return result + text.slice(last === undefined ? text.lastIndexOf('}') : last.end);
}

function whole(text: string): Span {
  return { start: 0, end: text.length };
}

function stringAt(text: string, { start, end }: Span): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? String(JSON.parse(text.slice(start, end))) : inner;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

function skipValue(text: string, at: number, depth: number): number {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return skipString(text, at);
    case OBJECT:
      return skipObject(text, at, depth);
    case ARRAY:
      return skipArray(text, at, depth);
    default:
      return skipPlain(text, at);
  }
}

function skipObject(text: string, open: number, depth: number): number {
  tooDeep(open, depth);
  let at = skipSpace(text, open + 1);
  if (text.charCodeAt(at) === OBJECT_END) return at + 1;
  for (;;) {
    at = skipSpace(text, skipString(text, at));
    expectCode(text, at, COLON, ':');
    at = skipSpace(text, skipValue(text, skipSpace(text, at + 1), depth + 1));
    if (text.charCodeAt(at) === OBJECT_END) return at + 1;
    expectCode(text, at, COMMA, ', or }');
    at = skipSpace(text, at + 1);
  }
}

function skipArray(text: string, open: number, depth: number): number {
  tooDeep(open, depth);
  let at = skipSpace(text, open + 1);
  if (text.charCodeAt(at) === ARRAY_END) return at + 1;
  for (;;) {
    at = skipSpace(text, skipValue(text, at, depth + 1));
    if (text.charCodeAt(at) === ARRAY_END) return at + 1;
    expectCode(text, at, COMMA, ', or ]');
    at = skipSpace(text, at + 1);
  }
}

const NEAR = 24;

/** Whether a string can have the character as it is; NaN beyond the end of the text is none. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== QUOTE && code !== BACKSLASH;
}

/** The part of a string up to its end or its next escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON allows none of them in a string
const RUN = /[^"\\\u0000-\u001f]*/y;

function skipString(text: string, open: number): number {
  expectCode(text, open, QUOTE, 'a string');
  let at = open + 1;
  for (;;) {
    // Between escapes there are often a few characters only, which a pattern is too much for.
    const near = at + NEAR;
    while (at < near && isPlain(text.charCodeAt(at))) at += 1;
    if (at === near) {
      RUN.lastIndex = at;
      RUN.test(text);
      at = RUN.lastIndex;
    }
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code !== BACKSLASH)
      throw new JsonTextError(at, 'A string ends in the middle or has a control character');
    at = skipEscape(text, at);
  }
}

const ESCAPED = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));
const UNICODE = /u[0-9a-fA-F]{4}/y;

function skipEscape(text: string, at: number): number {
  if (ESCAPED.has(text.charCodeAt(at + 1))) return at + 2;
  UNICODE.lastIndex = at + 1;
  if (!UNICODE.test(text)) throw new JsonTextError(at, 'A backslash with nothing that it escapes');
  return UNICODE.lastIndex;
}

const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** A number, or one of the three words. What follows is checked by whoever expects a comma there. */
function skipPlain(text: string, at: number): number {
  PLAIN.lastIndex = at;
  if (!PLAIN.test(text)) throw new JsonTextError(at, 'Expected a value');
  return PLAIN.lastIndex;
}

function tooDeep(at: number, depth: number): void {
  if (depth >= DEEPEST) throw new JsonTextError(at, `Nested more than ${DEEPEST} levels deep`);
}

function expectCode(text: string, at: number, code: number, name: string): void {
  if (text.charCodeAt(at) !== code) throw new JsonTextError(at, `Expected ${name}`);
}

function expectEnd(text: string, from: number, end: number): void {
  const at = skipSpace(text, from);
  if (at < end) throw new JsonTextError(at, 'More text after the end');
  if (from > end) throw new JsonTextError(end, 'Text that ends in the middle');
}
