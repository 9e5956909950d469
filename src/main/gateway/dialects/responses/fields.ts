import { badField } from '../../conversation/refusal';

/** A JSON object of a request. Only named fields of it are read, so that a key such as `__proto__` is just a key. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Readers of single fields. Each takes the path of the object that the field is in (empty for the body itself) and
 * refuses a wrong value with the field's whole path, e.g. `input[2].content[0].text`. A field that is missing and one
 * that is null are the same, undefined: clients send null for what they leave open.
 */

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asFields(value: unknown, at: string): Fields {
  if (isFields(value)) return value;
  throw badField(at, `${at} must be an object; got ${shown(value)}.`);
}

export function optionalFields(fields: Fields, name: string, path = ''): Fields | undefined {
  const value = fields[name] ?? undefined;
  return value === undefined ? undefined : asFields(value, under(path, name));
}

export function optionalString(fields: Fields, name: string, path = ''): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(under(path, name), 'a string', value);
}

/** A string with at least one character. */
export function neededString(fields: Fields, name: string, path = ''): string {
  const value = optionalString(fields, name, path);
  if (value) return value;
  throw wrong(under(path, name), 'a string that is not empty', fields[name]);
}

export function optionalBoolean(fields: Fields, name: string, path = ''): boolean | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw wrong(under(path, name), 'true or false', value);
}

/** A number within the range, both ends included. */
export function optionalNumber(
  fields: Fields,
  name: string,
  { min = -Infinity, max = Infinity, isWhole = false } = {},
): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  const isInside = typeof value === 'number' && value >= min && value <= max;
  if (isInside && (!isWhole || Number.isSafeInteger(value))) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  const low = min === -Infinity ? '' : ` from ${min}`;
  const high = max === Infinity ? '' : ` up to ${max}`;
  throw wrong(name, `${kind}${low}${high}`, value);
}

export function optionalArray(
  fields: Fields,
  name: string,
  path = '',
): readonly unknown[] | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw wrong(under(path, name), 'an array', value);
}

/** The path of a field. */
export function under(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** A value as a sentence can show it: whatever a client sent, it stays short. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** The beginning of a text that somebody else chose. */
export function cut(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}

const wrong = (at: string, allowed: string, value: unknown) =>
  badField(at, `${at} must be ${allowed}; got ${shown(value)}.`);
