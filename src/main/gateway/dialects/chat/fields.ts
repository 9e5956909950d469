/** Reads fields of a body, each refused by its name and value where it is not what it must be. */
import { badField } from '../../conversation/refusal';

export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object, undefined for anything else. */
export function objectOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** @throws RequestRefused where the body is no object */
export function bodyFields(body: unknown): Fields {
  const fields = objectOf(body);
  if (fields === undefined)
    throw badField('body', `The body is ${kindOf(body)}, but must be a JSON object.`);
  return fields;
}

/** An object, or undefined for a field that is missing or null. */
export function optionalObject(value: unknown, param: string): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  return objectOf(value) ?? refuse(param, value, 'an object');
}

export function optionalString(value: unknown, param: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuse(param, value, 'a string');
}

export function requiredString(value: unknown, param: string): string {
  return typeof value === 'string' && value !== ''
    ? value
    : refuse(param, value, 'a string that is not empty');
}

export function optionalBoolean(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuse(param, value, 'true or false');
}

/** A number between two, both included. */
export function optionalNumber(
  value: unknown,
  param: string,
  least = -Infinity,
  most = Infinity,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return refuse(param, value, `a number${range(least, most)}`);
}

export function optionalInteger(
  value: unknown,
  param: string,
  least = -Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  const atLeast = least === -Number.MAX_SAFE_INTEGER ? '' : ` of at least ${least}`;
  return refuse(param, value, `a whole number${atLeast}`);
}

/**
 * Tokens of the answer at most. Some clients write -1 where they mean no limit.
 *
 * @throws RequestRefused for what is no whole number from 1
 */
export function optionalTokens(value: unknown, param: string): number | undefined {
  return value === -1 ? undefined : optionalInteger(value, param, 1);
}

/** A string, or a list of them. */
export function optionalStrings(value: unknown, param: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return refuse(param, value, 'a string or a list of strings');
}

/** An array, or undefined for a field that is missing or null. */
export function optionalArray(value: unknown, param: string): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : refuse(param, value, 'a list');
}

/** @throws RequestRefused that names the field, its value and what is allowed */
export function refuse(param: string, value: unknown, allowed: string): never {
  throw badField(
    param,
    value === undefined || value === null
      ? `${param} is missing: it must be ${allowed}.`
      : `${param} is ${shown(value)}, but must be ${allowed}.`,
  );
}

function shown(value: unknown): string {
  if (typeof value === 'object') return kindOf(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function range(least: number, most: number): string {
  if (least === -Infinity && most === Infinity) return '';
  return most === Infinity ? ` of at least ${least}` : ` from ${least} to ${most}`;
}
