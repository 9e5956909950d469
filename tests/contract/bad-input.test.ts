import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type BadInput, badInputs, openFields } from '@fixtures/bad-input';
import { type HttpHost, startHttpHost } from '@fixtures/http-host';
import { RAW_WAYS, type RawWay } from '@fixtures/raw-ways';
import { type Method, requests } from '@shared/contract';
import { MASK } from '@shared/domain/secret';
import type { ErrorBody, FieldProblem } from '@shared/errors';
import type { ResponseFrame } from '@shared/rpc/frames';

const METHODS = Object.keys(requests) as Method[];
/** Sentences that say what is allowed, and nothing of a library's own. */
const SAYS_WHAT =
  /must (?:be|have|look|not)|can't be set|n't allowed|not allowed|is named by|can have (?:letters|at most)/;
const LIBRARY = /Invalid|expected|received|undefined/;

it('what the contract leaves open is what services check', () => {
  const open = METHODS.flatMap((method) =>
    openFields(requests[method].input).map((field) => `${method} ${field}`),
  );
  expect(open).toEqual([
    'profiles.check draft.*',
    'profiles.previewCommand draft.*',
    'profiles.fitDraft draft.*',
    'settings.set value',
    'settings.set base',
    'settings.setLocal value',
    'settings.setLocal base',
  ]);
});

describe.each(Object.entries(RAW_WAYS))('%s', (_, { isLocal, isText, open }) => {
  let host: HttpHost;
  let way: RawWay;
  beforeAll(async () => {
    host = await startHttpHost();
    await host.harness.createProfile({ name: 'Untouched', env: { A_TOKEN: 'secret' } });
    way = await open(host);
  });
  afterAll(async () => {
    way.close();
    await host.close();
  });

  it.each(METHODS)('%s refuses what it cannot take, and says what and why', async (method) => {
    const before = await stored(host);
    const { scope } = requests[method];
    const refused = scope === 'any' || (isLocal && scope === 'local');
    const complaints: string[] = [];
    const cases = badInputs(requests[method].input).filter(
      ({ json }) => isText || !json.includes('1e999'),
    );
    expect(cases.length).toBeGreaterThan(3);
    for (const bad of cases) {
      const answer = await way.ask(`{"id":7,"method":"${method}","params":${bad.json}}`);
      const complaint = refused ? complaintOf(bad, answer) : notRefused(answer);
      if (complaint !== undefined) complaints.push(`${bad.json.slice(0, 80)}: ${complaint}`);
    }
    expect(complaints).toEqual([]);
    expect(await stored(host)).toEqual(before);
    const info = await way.ask('{"id":8,"method":"app.info"}');
    expect(info).toMatchObject({ id: 8, ok: true, result: { host: 'headless' } });
  });

  it('nesting without end is refused', async () => {
    const depth = isText ? 200_000 : 1000;
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    for (const [method, params] of [
      ['settings.set', `{"key":"appearance","value":${deep}}`],
      ['profiles.create', `{"name":${deep},"model":"demo"}`],
      ['profiles.check', `{"draft":{"name":${deep}},"extra":1}`],
      ['app.info', deep],
    ]) {
      const answer = await way.ask(`{"id":7,"method":"${method}","params":${params}}`);
      expect(answer).toMatchObject({ id: 7, ok: false, error: { code: 'validation' } });
    }
  });

  it.each([
    '{}',
    '[]',
    'null',
    '{"id":-1,"method":"app.info"}',
    '{"id":1.5,"method":"app.info"}',
    '{"id":"1","method":"app.info"}',
    '{"method":"app.info"}',
  ])('%s is no frame', async (text) => {
    expect(await way.ask(text)).toMatchObject({ id: 0, ok: false, error: { code: 'bad_frame' } });
  });

  it.each(['5', 'null', '{}', `"${'m'.repeat(101)}"`])(
    'a frame with the method %s is refused under its own number',
    async (method) => {
      const answer = await way.ask(`{"id":9,"method":${method}}`);
      expect(answer).toMatchObject({ id: 9, ok: false, error: { code: 'bad_frame' } });
    },
  );

  it.each(['', '__proto__', 'constructor', 'toString', 'profiles', 'app.info\u0000'])(
    'there is no method %j',
    async (method) => {
      const answer = await way.ask(JSON.stringify({ id: 9, method }));
      expect(answer).toMatchObject({ id: 9, ok: false, error: { code: 'unknown_method' } });
    },
  );
});

/** What is wrong with the answer to a bad input; undefined when it is as it must be. */
function complaintOf(bad: BadInput, answer: unknown): string | undefined {
  const { error } = answer as { error?: ErrorBody };
  if (error?.code !== 'validation') return `answered ${JSON.stringify(answer).slice(0, 200)}`;
  const { fields } = error.data as { fields: readonly FieldProblem[] };
  const found = fields.find(({ field }) => field === bad.field);
  if (found === undefined) return `names only ${fields.map(({ field }) => field).join(', ')}`;
  const { message } = found;
  if (!SAYS_WHAT.test(message) || LIBRARY.test(message)) return `does not say why: ${message}`;
  if (!names(message, bad.field)) return `does not name ${bad.field}: ${message}`;
  if (!shows(message, bad)) return `does not show the value: ${message}`;
  if (message.length > 1000) return `goes on for ${message.length} characters`;
  return undefined;
}

function names(message: string, field: string): boolean {
  const last = field.split('.').findLast((part) => !/^\d+$/.test(part)) ?? '';
  return message.includes(JSON.stringify(last.slice(0, 50)).slice(1, -1));
}

/** Whether a person can recognise what was sent, without seeing a secret. */
function shows(message: string, { field, part }: BadInput): boolean {
  if (part === undefined) return message.endsWith('got nothing.');
  const value: unknown = JSON.parse(part);
  if (typeof value === 'string') {
    const isSecret =
      /^(?:base\.)?(?:env|extraArgs|token)/.test(field) && !message.includes("can't be set");
    const text = JSON.stringify(value.slice(0, 50)).slice(1, -1);
    return message.includes(text) || (isSecret && message.includes(MASK));
  }
  if (Array.isArray(value)) return message.includes('list');
  return message.includes(typeof value === 'object' && value !== null ? 'object' : `${value}`);
}

function notRefused(answer: unknown): string | undefined {
  const { error } = answer as Partial<Extract<ResponseFrame, { ok: false }>>;
  return error?.code === 'unauthorised' ? undefined : JSON.stringify(answer).slice(0, 200);
}

/** Everything that a request may change: in the manager and on disk. */
async function stored({ harness }: HttpHost): Promise<unknown> {
  const folder = harness.home.paths.home;
  const documents = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  return {
    profiles: await harness.client.call('profiles.listLocal'),
    settings: await harness.client.call('settings.get'),
    jobs: (await harness.client.call('app.snapshot')).engineJobs,
    documents: await Promise.all(
      documents.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]),
    ),
    polluted: Object.keys(Object.prototype),
  };
}
