import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { BAD_PROFILE_FIELDS, BAD_SETTINGS, type BadField } from '@fixtures/bad-fields';
import { type HttpHost, startHttpHost } from '@fixtures/http-host';
import { RAW_WAYS, type RawWay } from '@fixtures/raw-ways';
import {
  ServerProfileCreate,
  ServerProfileCreateLocal,
  ServerProfileUpdateLocal,
} from '@shared/domain/profile';
import { LOCAL_SETTING_KEYS, SETTING_KEYS } from '@shared/domain/settings';
import type { ErrorBody, FieldProblem } from '@shared/errors';

const FIELDS = Object.keys(ServerProfileCreateLocal.shape) as (keyof typeof BAD_PROFILE_FIELDS)[];
const OPEN_FIELDS = Object.keys(ServerProfileCreate.shape);
/** Beside the bad field everything is good, so that it alone is refused. */
const GOOD = { name: 'Good', model: 'demo' };

it('every field and every setting has values that it must refuse', () => {
  expect(Object.keys(BAD_PROFILE_FIELDS).sort()).toEqual([...FIELDS].sort());
  expect(FIELDS).toEqual(expect.arrayContaining(Object.keys(ServerProfileUpdateLocal.shape)));
  expect(Object.keys(BAD_SETTINGS).sort()).toEqual([...SETTING_KEYS].sort());
  for (const table of [BAD_PROFILE_FIELDS, BAD_SETTINGS]) {
    for (const [field, values] of Object.entries(table)) {
      expect(values.length, field).toBeGreaterThan(3);
    }
  }
});

describe.each(Object.entries(RAW_WAYS))('%s', (_, { isLocal, isText, open }) => {
  let host: HttpHost;
  let way: RawWay;
  let profileId: string;
  beforeAll(async () => {
    host = await startHttpHost();
    await host.harness.registerEngine();
    ({ id: profileId } = await host.harness.createProfile({ name: 'Untouched' }));
    way = await open(host);
  });
  afterAll(async () => {
    way.close();
    await host.close();
  });

  const ask = async (method: string, params: string): Promise<ErrorBody | undefined> => {
    const answer = await way.ask(`{"id":7,"method":"${method}","params":${params}}`);
    return (answer as { error?: ErrorBody }).error;
  };
  const state = async (): Promise<unknown> => {
    const { client } = host.harness;
    return [await client.call('profiles.listLocal'), await client.call('settings.get')];
  };
  const sendable = (values: readonly BadField[]): readonly BadField[] =>
    values.filter(({ json }) => isText || !json.includes('1e999'));
  const suffix = isLocal ? 'Local' : '';

  it.each(FIELDS)('a profile with a bad %s is neither created nor changed', async (field) => {
    const before = await state();
    const isOpen = isLocal || OPEN_FIELDS.includes(field);
    const complaints: string[] = [];
    for (const bad of sendable(BAD_PROFILE_FIELDS[field])) {
      const fields = withField(GOOD, field, bad.json);
      const changes = withField({}, field, bad.json);
      const answers = [
        await ask(`profiles.create${suffix}`, fields),
        await ask(`profiles.update${suffix}`, `{"profileId":"${profileId}","changes":${changes}}`),
      ];
      for (const error of answers) {
        const complaint = isOpen ? complaintOf(field, bad, error) : notOpen(field, error);
        if (complaint !== undefined) complaints.push(`${bad.json.slice(0, 80)}: ${complaint}`);
      }
    }
    expect(complaints).toEqual([]);
    expect(await state()).toEqual(before);
  });

  it.each(FIELDS)('a form is told the same of a bad %s', async (field) => {
    for (const bad of sendable(BAD_PROFILE_FIELDS[field])) {
      const draft = withField(GOOD, field, bad.json);
      const answer = await way.ask(
        `{"id":7,"method":"profiles.check","params":{"draft":${draft}}}`,
      );
      const { result, error } = answer as {
        result?: { problems: readonly FieldProblem[] };
        error?: ErrorBody;
      };
      const given = result?.problems ?? fieldsOf(error);
      const fields = given.map((problem) => problem.field.replace(/^draft\./, ''));
      expect(fields, bad.json.slice(0, 80)).toContain(
        isLocal || OPEN_FIELDS.includes(field) || bad.json.includes('__proto__')
          ? (bad.at ?? field)
          : field,
      );
    }
  });

  it('a copy is not given a bad name', async () => {
    const before = await state();
    for (const bad of BAD_PROFILE_FIELDS.name) {
      const error = await ask(
        'profiles.duplicate',
        `{"profileId":"${profileId}","name":${bad.json}}`,
      );
      expect(complaintOf('name', bad, error)).toBeUndefined();
    }
    expect(await state()).toEqual(before);
  });

  it.each(SETTING_KEYS)('a bad %s is not set', async (key) => {
    const before = await state();
    const complaints: string[] = [];
    for (const bad of sendable(BAD_SETTINGS[key])) {
      const error = await ask(`settings.set${suffix}`, `{"key":"${key}","value":${bad.json}}`);
      const complaint =
        !isLocal && LOCAL_SETTING_KEYS.includes(key)
          ? notAllowed(key, error)
          : complaintOf(key, bad, error);
      if (complaint !== undefined) complaints.push(`${bad.json.slice(0, 80)}: ${complaint}`);
    }
    expect(complaints).toEqual([]);
    expect(await state()).toEqual(before);
    expect(await ask(`settings.set${suffix}`, `{"key":"${key}"}`)).toMatchObject({
      code: 'validation',
      message: 'value must be given; got nothing.',
    });
  });

  it('what was good beside a bad field is accepted by itself', async () => {
    expect(await ask(`profiles.create${suffix}`, JSON.stringify(GOOD))).toBeUndefined();
    const change = `{"profileId":"${profileId}","changes":{"order":1000000}}`;
    expect(await ask(`profiles.update${suffix}`, change)).toBeUndefined();
    const next = JSON.stringify({ ...GOOD, name: 'Behind the last place' });
    expect(await ask(`profiles.create${suffix}`, next)).toBeUndefined();
    const orders = (await host.harness.client.call('profiles.list')).map(({ order }) => order);
    expect(Math.max(...orders)).toBe(1_000_000);
    for (const [key, value] of Object.entries(await host.harness.client.call('settings.get'))) {
      if (!isLocal && LOCAL_SETTING_KEYS.some((local) => local === key)) continue;
      const params = JSON.stringify({ key, value });
      expect(await ask(`settings.set${suffix}`, params), key).toBeUndefined();
    }
  });
});

/** The object as JSON, with this field in the words of the table. */
function withField(good: Readonly<Record<string, unknown>>, field: string, json: string): string {
  const { [field]: _, ...rest } = good;
  const others = Object.entries(rest).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
  return `{${[...others, `"${field}":${json}`].join(',')}}`;
}

function fieldsOf(error: ErrorBody | undefined): readonly FieldProblem[] {
  return (error?.data as { fields?: readonly FieldProblem[] } | undefined)?.fields ?? [];
}

/** What is wrong with the refusal; undefined when it is as it must be. */
function complaintOf(
  field: string,
  bad: BadField,
  error: ErrorBody | undefined,
): string | undefined {
  if (error?.code !== 'validation') return `answered ${JSON.stringify(error)}`;
  const named = fieldsOf(error).map((problem) => problem.field.replace(/^changes\./, ''));
  if (named.length !== 1 || named[0] !== (bad.at ?? field)) return `names ${named.join(', ')}`;
  const { message } = error;
  if (!bad.says.test(message)) return `does not say what is allowed: ${message}`;
  if (!message.includes(bad.shows ?? shown(bad.json))) return `does not show the value: ${message}`;
  if (message.includes('secret')) return `shows a secret: ${message}`;
  return message.length > 500 ? `goes on for ${message.length} characters` : undefined;
}

/** The beginning of a value as a sentence shows it. */
function shown(json: string): string {
  const value: unknown = JSON.parse(json);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const text = JSON.stringify(value.trim().slice(0, 40)).slice(1, -1);
  // What JSON leaves as it is, though a terminal obeys it.
  return text.replace(
    /[\u007f-\u009f\u2028-\u202e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function notOpen(field: string, error: ErrorBody | undefined): string | undefined {
  const isRefused =
    error?.code === 'validation' && /can't be set here|__proto__/.test(error.message);
  if (isRefused && error.message.includes(field)) return undefined;
  return `answered ${JSON.stringify(error)}`;
}

function notAllowed(key: string, error: ErrorBody | undefined): string | undefined {
  if (error?.code === 'unauthorised' && error.message.includes(key)) return undefined;
  return `answered ${JSON.stringify(error)}`;
}
