import {
  ServerProfile,
  ServerProfileCreate,
  ServerProfileCreateLocal,
  ServerProfileUpdate,
  ServerProfileUpdateLocal,
} from '@shared/domain/profile';
import {
  FIELD_DEFAULTS,
  FIELD_NAMES,
  LAUNCH_FIELDS,
  LOCAL_FIELDS,
  OPEN_FIELDS,
  PROFILE_FIELDS,
  type ProfileField,
} from '@shared/domain/profile-fields';
import { describe, expect, it } from 'vitest';

const REQUIRED = { name: 'Demo', model: 'demo' };

const accepts = (field: ProfileField, value: unknown): boolean =>
  ServerProfileUpdateLocal.safeParse({ [field]: value }).success;

const numbers = FIELD_NAMES.flatMap((field) => {
  const facts = PROFILE_FIELDS[field];
  return facts.kind === 'number' ? [{ field, ...facts }] : [];
});
const texts = [
  { field: 'name', maxLength: PROFILE_FIELDS.name.maxLength },
  { field: 'installation', maxLength: PROFILE_FIELDS.installation.maxLength },
] as const;
const choices = FIELD_NAMES.flatMap((field) => {
  const facts = PROFILE_FIELDS[field];
  return facts.kind === 'choice' ? [{ field, choices: facts.choices }] : [];
});

describe("the table of a profile's fields and the schemas", () => {
  it('have the same fields', () => {
    const own = new Set(['id', 'createdAt', 'updatedAt']);
    const stored = Object.keys(ServerProfile.shape).filter((field) => !own.has(field));
    expect(stored).toEqual(FIELD_NAMES);
    expect(Object.keys(ServerProfileCreateLocal.shape)).toEqual(FIELD_NAMES);
    expect(Object.keys(ServerProfileUpdateLocal.shape)).toEqual(FIELD_NAMES);
  });

  it('agree on what a request over HTTP may set', () => {
    expect(LOCAL_FIELDS).toEqual(['host', 'env', 'extraArgs', 'custom', 'cluster']);
    expect(Object.keys(ServerProfileCreate.shape)).toEqual(OPEN_FIELDS);
    expect(Object.keys(ServerProfileUpdate.shape)).toEqual(OPEN_FIELDS);
    for (const field of LOCAL_FIELDS) {
      const value = FIELD_DEFAULTS[field];
      expect(ServerProfileUpdate.safeParse({ [field]: value }).success, field).toBe(false);
      expect(ServerProfileCreate.safeParse({ ...REQUIRED, [field]: value }).success).toBe(false);
    }
  });

  it('agree on what a new profile begins with', () => {
    expect(ServerProfileCreateLocal.parse(REQUIRED)).toEqual({ ...REQUIRED, ...FIELD_DEFAULTS });
    expect(ServerProfileCreateLocal.safeParse({ name: 'Demo' }).success).toBe(false);
    expect(ServerProfileCreateLocal.safeParse({ model: 'demo' }).success).toBe(false);
  });

  it('never hand out one list or record twice', () => {
    const [first, second] = [REQUIRED, REQUIRED].map((one) => ServerProfileCreateLocal.parse(one));
    first?.extraArgs.push('--flag');
    if (first) first.env.NAME = 'value';
    expect(second).toEqual({ ...REQUIRED, ...FIELD_DEFAULTS });
  });

  it.each(numbers)('agree on the limits of $field', ({ field, min, max, whole }) => {
    expect([min, max].map((value) => accepts(field, value))).toEqual([true, true]);
    expect([min - 1, max + 1].map((value) => accepts(field, value))).toEqual([false, false]);
    expect(accepts(field, min + 0.5)).toBe(!whole);
  });

  it.each(texts)('agree on the length of $field', ({ field, maxLength }) => {
    expect(accepts(field, 'x'.repeat(maxLength))).toBe(true);
    expect(accepts(field, 'x'.repeat(maxLength + 1))).toBe(false);
  });

  it('agree on the length of a model and the number of arguments', () => {
    const { maxLength } = PROFILE_FIELDS.model;
    expect(accepts('model', `/${'x'.repeat(maxLength - 1)}`)).toBe(true);
    expect(accepts('model', `/${'x'.repeat(maxLength)}`)).toBe(false);
    const { maxCount } = PROFILE_FIELDS.extraArgs;
    expect(accepts('extraArgs', Array(maxCount).fill('a'))).toBe(true);
    expect(accepts('extraArgs', Array(maxCount + 1).fill('a'))).toBe(false);
  });

  it.each(choices)('agree on what $field can be', ({ field, choices: all }) => {
    expect(all.map((value) => accepts(field, value))).not.toContain(false);
    expect(accepts(field, 'something else')).toBe(false);
  });

  it('keep the order in which records of running servers compare fields', () => {
    expect(LAUNCH_FIELDS).toEqual([
      ...['model', 'engine', 'installation', 'port', 'host', 'options', 'env', 'extraArgs'],
      ...['custom', 'cluster'],
    ]);
  });
});
