/** Fields of a request body, each read with a refusal that names where it is. `null` counts as left out throughout. */
import { badField } from '../../conversation/refusal';

/** An object of a body. What JSON calls `__proto__` is a field of its own like any other. */
export type Fields = Readonly<Record<string, unknown>>;

/** Takes down what of a request is left out or changed, for its record. */
export type Note = (change: string) => void;

/** Arrays and objects within one another, at most; what engines and templates walk by recursion must end. */
const MAX_DEPTH = 128;

export function readObject(value: unknown, at: string): Fields {
  if (!isObject(value)) throw badField(at, `${at} must be an object, not ${shown(value)}.`);
  return value;
}

export function readArray(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badField(at, `${at} must be an array, not ${shown(value)}.`);
  return value;
}

export function readString(value: unknown, at: string): string {
  if (typeof value !== 'string') throw badField(at, `${at} must be a string, not ${shown(value)}.`);
  return value;
}

/** A name or an id. */
export function readName(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badField(at, `${at} must be a string that is not empty, not ${shown(value)}.`);
}

export function readNumber(value: unknown, at: string, range: Range): number {
  const isFit =
    typeof value === 'number' &&
    value >= range.min &&
    value <= (range.max ?? Number.MAX_SAFE_INTEGER) &&
    (range.isWhole !== true || Number.isInteger(value));
  if (isFit) return value;
  throw badField(at, `${at} must be ${rangeText(range)}, not ${shown(value)}.`);
}

export function readBoolean(value: unknown, at: string): boolean {
  if (typeof value === 'boolean') return value;
  throw badField(at, `${at} must be true or false, not ${shown(value)}.`);
}

/** What is left out or null stays undefined, everything else is read. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return isGiven(value) ? read(value) : undefined;
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Refuses a body whose arrays and objects lie too deep in one another; without recursion, as a stranger wrote it. */
export function refuseTooDeep(body: unknown): void {
  let level: readonly unknown[] = [body];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) {
      throw badField('body', `The body nests arrays and objects more than ${MAX_DEPTH} deep.`);
    }
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}

/** A value in a sentence: what it is, and what it says where that is short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(clipped(value)) : String(value);
}

/** A stranger's word in a sentence or a record: one line of at most 60 characters. */
export function clipped(text: string): string {
  const line = text.slice(0, 200).replace(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}

interface Range {
  readonly min: number;
  readonly max?: number;
  readonly isWhole?: boolean;
}

function rangeText({ min, max, isWhole }: Range): string {
  const kind = isWhole === true ? 'a whole number' : 'a number';
  return max === undefined ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`;
}
