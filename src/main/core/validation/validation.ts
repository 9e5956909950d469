import { describeValue } from '@shared/describe-value';
import type { ErrorBody, FieldProblem } from '@shared/errors';
import { z } from 'zod';

/** More are not told: the first ones say what kind of mistake it was. */
const MAX_PROBLEMS = 50;

type Parsed<T> = { success: true; data: T } | { success: false; error: z.ZodError };
type Issue = z.core.$ZodIssue;

/** Parses with the sentences of {@link inWords}; the issues keep what was given. */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): Parsed<z.output<T>> {
  // Zod passes over `__proto__` in records instead of refusing it.
  const path = pathOfProto(input);
  if (path === undefined) return schema.safeParse(input, { error: inWords, reportInput: true });
  const message = "The key __proto__ isn't allowed";
  const error = new z.ZodError([{ code: 'custom', path, message }]);
  return { success: false, error };
}

/** One problem per field, named with its path: for a form, which shows the value itself. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return problems(error, () => '');
}

/** The same for who sees only the sentence: with the value that was given. */
export function refusedFields(error: z.ZodError): FieldProblem[] {
  return problems(error, given);
}

/** The problems as one error. */
export function validationBody(error: z.ZodError): ErrorBody {
  const fields = refusedFields(error);
  return {
    code: 'validation',
    message: fields.map((field) => field.message).join(' '),
    data: { fields },
  };
}

function problems(error: z.ZodError, remark: (issue: Issue) => string): FieldProblem[] {
  const first = new Map<string, FieldProblem>();
  for (const problem of error.issues.flatMap((issue) => problemsOf(issue, remark))) {
    if (!first.has(problem.field)) first.set(problem.field, problem);
  }
  return [...first.values()].slice(0, MAX_PROBLEMS);
}

function problemsOf(issue: Issue, remark: (issue: Issue) => string): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: fieldOf([...path, key]),
      message: `The field ${describeValue(key)} can't be set here${issue.message}.`,
    }));
  }
  if (issue.code === 'invalid_key') {
    // What was given is the key, which is no secret.
    const ofKey = (inner: Issue): string => remark({ ...inner, path: [] });
    return issue.issues.flatMap((inner) => problemsOf({ ...inner, path: issue.path }, ofKey));
  }
  const message = sentence(path, issue.message, remark(issue));
  const rule = isRule(issue.message) ? { rule: issue.message } : {};
  return [{ field: fieldOf(path), message, ...rule }];
}

/** The field as a form knows it: a change set's fields are the profile's. */
function fieldOf(path: readonly string[]): string {
  return (path[0] === 'changes' ? path.slice(1) : path).join('.') || path.join('.');
}

function sentence(path: readonly string[], message: string, remark: string): string {
  const text = `${named(path, message)}${remark}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Own sentences begin with the field's name; the others get it put before them. */
function named(path: readonly string[], message: string): string {
  const name = path.findLast((part) => !/^\d+$/.test(part));
  const begins = isRule(message);
  if (name === undefined) return begins ? `The parameters ${message}` : message;
  if (message.startsWith(`${name} `)) return message;
  const field = describeValue(fieldOf(path)).slice(1, -1);
  return begins ? `${field} ${message}` : `${field}: ${message}`;
}

function isRule(message: string): boolean {
  return message.startsWith('must ');
}

function given(issue: Issue): string {
  if (!('input' in issue)) return '';
  return `; got ${describeValue(issue.input, issue.path.map(String))}`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  nonoptional: 'given',
};

/** What is allowed, in the words of people; undefined leaves zod's own. */
function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be one of: ${issue.values.join(', ')}`;
    case 'too_small':
      return limit(issue.origin, 'at least', issue.minimum);
    case 'too_big':
      return limit(issue.origin, 'at most', issue.maximum);
    case 'unrecognized_keys':
      return allowedKeys(issue.inst);
    default:
      return undefined;
  }
}

function limit(origin: string, bound: string, count: number | bigint): string {
  if (origin === 'string') return `must have ${bound} ${count} character${count === 1 ? '' : 's'}`;
  if (origin === 'array') return `must have ${bound} ${count} entries`;
  return `must be ${bound} ${count}`;
}

function allowedKeys(schema: unknown): string {
  const keys = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return keys.length === 0 ? '' : `; allowed: ${keys.join(', ')}`;
}

interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly parent: Place | undefined;
}

/** Where an own `__proto__` key is. Not recursive: what was sent may be nested without end. */
function pathOfProto(input: unknown): string[] | undefined {
  const todo: Place[] = [{ value: input, key: '', parent: undefined }];
  for (let place = todo.pop(); place !== undefined; place = todo.pop()) {
    const { value } = place;
    if (typeof value !== 'object' || value === null) continue;
    if (Object.hasOwn(value, '__proto__')) return [...pathOf(place), '__proto__'];
    for (const [key, inner] of Object.entries(value)) {
      todo.push({ value: inner, key, parent: place });
    }
  }
  return undefined;
}

function pathOf(place: Place): string[] {
  const path: string[] = [];
  for (let at: Place = place; at.parent !== undefined; at = at.parent) path.unshift(at.key);
  return path;
}
