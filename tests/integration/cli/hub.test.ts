import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { type CliHarness, collect, createCliHarness } from '@fixtures/cli-harness';
import { COMMAND } from '@fixtures/command';
import { modelRepo, repoHashes, snapshotHashes } from '@fixtures/download-harness';
import type { Fault, FaultPlan } from '@fixtures/fake-hub/faults';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { hubFile, type HubRepo } from '@fixtures/fake-hub/repos';
import { Download } from '@shared/domain/download';
import { until } from '@fixtures/until';
import { DoctorCheck } from '@shared/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const REF = 'mlx-community/Tiny-4bit';
const RATE = 12_000_000;

let repo: HubRepo;
let hub: FakeHub;
let harness: CliHarness;

beforeEach(async () => {
  repo = await modelRepo(REF, { weights: 30_000_000, facts: { downloads: 7, licence: 'mit' } });
  const gated = await modelRepo('mlx-community/Gated', { facts: { gated: 'auto' } });
  const unsafe = await modelRepo('mlx-community/Unsafe', {
    extra: [await hubFile('../outside.json', '{}')],
  });
  hub = await startFakeHub({ repos: [repo, gated, unsafe] });
  harness = await createCliHarness({ HF_ENDPOINT: hub.url });
});
afterEach(async () => {
  await harness.close();
  await hub.close();
});

const BAD_TOKEN = { 'x-error-message': 'Invalid credentials in Authorization header' };

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  status,
  headers,
});

async function listed(): Promise<Download[]> {
  const [list] = await harness.json('downloads');
  return Download.array().parse(list);
}

function hashes(): Promise<Record<string, string>> {
  const cache = join(
    harness.home.folder,
    'hugging face',
    'hub',
    'models--mlx-community--Tiny-4bit',
  );
  return snapshotHashes(join(cache, 'snapshots', repo.commits[0]?.id ?? ''));
}

function sent(): number {
  return [...hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const size = (): number =>
  [...(repo.commits[0]?.files.values() ?? [])].reduce((sum, file) => sum + file.size, 0);

const untilSent = (bytes: number) => until(() => sent() > bytes, `${bytes} bytes`);

test('search, fit, pull and downloads in JSON', async () => {
  const [found] = await harness.json('search', 'tiny', '--sort', 'downloads');
  expect(found).toMatchObject([
    { ref: REF, downloads: 7, licence: 'mit', gated: false, facts: { fit: { verdict: 'fits' } } },
  ]);
  const [fit] = await harness.json('fit', REF, '--context', '4096', '--kv-bits', '8');
  expect(fit).toMatchObject({ verdict: 'fits', context: 4096, kvBits: 8 });
  const lines = await harness.json('pull', REF);
  expect(lines.at(-1)).toMatchObject({
    event: 'done',
    model: { ref: REF, complete: true, origin: 'huggingface' },
  });
  for (const line of lines.slice(0, -1)) {
    expect(line).toMatchObject({
      event: 'progress',
      bytes: expect.any(Number),
      total: expect.any(Number),
      bytesPerSecond: expect.any(Number),
    });
  }
  expect(await hashes()).toEqual(repoHashes(repo));
  const [list] = await harness.json('downloads');
  expect(Download.array().parse(list)).toMatchObject([{ ref: REF, state: 'done' }]);
});

test('what is refused ends with 1 and a code, and leaves nothing', async () => {
  expect(await harness.failure('pull', 'nobody/nothing')).toMatchObject({
    code: 1,
    error: { code: 'not_found' },
  });
  expect(await harness.failure('pull', 'mlx-community/Gated')).toMatchObject({
    code: 1,
    error: { code: 'gated', action: { id: 'set_token' } },
  });
  for (const [ref, said] of [
    ['demo', /built in/],
    ['no-slash', /org\/name/],
    ['/models/mine', /org\/name/],
  ] as const) {
    expect(await harness.failure('pull', ref)).toMatchObject({
      code: 2,
      error: { code: 'usage', message: expect.stringMatching(said) },
    });
  }
  expect(await harness.failure('downloads', 'explode', 'x')).toMatchObject({ code: 2 });
  expect(await harness.failure('pull', REF, '--limit-rate', 'fast')).toMatchObject({ code: 2 });
  const cache = join(harness.home.folder, 'hugging face', 'hub');
  expect(await readdir(cache)).not.toContain('models--mlx-community--Gated');
});

test.each<[string, string, FaultPlan | string]>([
  ['rate_limited', REF, ({ kind }) => (kind === 'api' ? answer(429) : undefined)],
  ['unauthorised', REF, ({ kind }) => (kind === 'api' ? answer(401, BAD_TOKEN) : undefined)],
  ['offline', REF, () => answer(503)],
  [
    'bad_hash',
    REF,
    ({ kind, file }) =>
      kind === 'cdn' && file?.includes('00001') ? { kind: 'corrupt', at: 5000 } : undefined,
  ],
  ['unsafe_name', 'mlx-community/Unsafe', 'as it is'],
  ['not_found', REF, 'a revision that is not there'],
])('pull ends with 1 and %s', async (code, ref, plan) => {
  if (typeof plan !== 'string') hub.plan = plan;
  const more = code === 'not_found' ? ['--revision', 'v9'] : [];
  const failed = await harness.failure('pull', ref, ...more);
  expect(failed).toMatchObject({ code: 1, error: { code, message: expect.any(String) } });
});

test('a model that is whole on this machine needs no hub; what is not here does', async () => {
  const [{ model }] = (await harness.json('pull', REF)).slice(-1) as [
    { model: { revision: string } },
  ];
  await hub.close();
  const { code, stdout, stderr } = await harness.run('pull', REF.toLowerCase());
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${REF} is complete`)]);
  expect(stderr).toBe('');
  const again = await harness.json('pull', REF, '--revision', model.revision);
  expect(again).toMatchObject([{ event: 'done', model: { ref: REF, complete: true } }]);
  expect(await harness.failure('pull', REF, '--revision', 'v2')).toMatchObject({
    error: { code: 'offline' },
  });
  expect(await harness.failure('pull', 'mlx-community/Other')).toMatchObject({
    error: { code: 'offline' },
  });
});

test('a limit of the command holds', async () => {
  const began = performance.now();
  await harness.json('pull', REF, '--limit-rate', '12M');
  expect(performance.now() - began).toBeGreaterThan((size() / RATE) * 1000 * 0.8);
});

test('downloads are paused, gone on with, tried again and taken away by their id', async () => {
  hub.bytesPerSecond = RATE / 4;
  const served = await harness.serve();
  const pull = collect(harness.spawn('pull', REF, '--json'));
  await untilSent(1_000_000);
  const first = (await listed())[0];
  const id = first?.id ?? '';
  expect(await harness.json('downloads', 'pause', id)).toMatchObject([{ id, state: 'paused' }]);
  // Who followed it is told.
  const { code, stdout } = await pull;
  expect(code).toBe(1);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    error: { code: 'cancelled' },
  });
  const [resumed] = await harness.json('downloads', 'resume', id);
  expect(resumed).toMatchObject({ id, state: expect.stringMatching(/queued|running/) });
  expect(await harness.json('downloads', 'cancel', id)).toEqual([{ cancelled: id }]);
  expect(await harness.json('downloads')).toEqual([[]]);
  expect(await harness.failure('downloads', 'retry', id)).toMatchObject({
    code: 1,
    error: { code: 'not_found' },
  });
  expect(await harness.failure('downloads', 'pause')).toMatchObject({ code: 2 });
  hub.bytesPerSecond = undefined;
  hub.plan = ({ kind }) => (kind === 'resolve' ? answer(404) : undefined);
  expect(await harness.failure('pull', REF)).toMatchObject({ error: { code: 'not_found' } });
  const failed = (await listed())[0];
  expect(failed).toMatchObject({ state: 'failed', failure: { code: 'not_found' } });
  hub.plan = () => undefined;
  await harness.json('downloads', 'retry', failed?.id ?? '');
  expect((await harness.json('pull', REF)).at(-1)).toMatchObject({ event: 'done' });
  expect(await harness.json('downloads')).toMatchObject([[{ ref: REF, state: 'done' }]]);
  expect(await served.end()).toBe(0);
});

test('what a person reads: lists with their heads, nothing where there is nothing', async () => {
  const search = await harness.run('search', 'tiny');
  expect(search.stdout.split('\n')).toEqual([
    expect.stringMatching(/^MODEL +SIZE +BITS +NEEDS +FIT +DOWNLOADS$/),
    expect.stringMatching(/^mlx-community\/Tiny-4bit +30 MB +4 +0\.5 GiB +fits +7$/),
    '',
  ]);
  expect(await harness.run('search', 'nothing like this')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No models found.\n',
  });
  expect(await harness.run('downloads')).toEqual({
    code: 0,
    stdout: '',
    stderr: 'There are no downloads.\n',
  });
  const gated = await harness.run('pull', 'mlx-community/Gated');
  expect(gated.stderr).toContain('What helps: mlx-manager hub token set');
  const secret = await harness.run('hub', 'token', 'set', 'hf_good');
  expect([secret.code, secret.stderr]).toEqual([2, expect.not.stringContaining('hf_good')]);
  expect(secret.stderr).toMatch(/can't be given as an argument/);
  const { stdout } = await harness.run('completion', 'bash');
  expect(stdout).toContain('"downloads") words="pause resume cancel retry --json"');
});

test('the doctor looks at the cache, the hub and what is half way', async () => {
  const checks = async () => {
    const [report] = z
      .array(z.object({ checks: z.array(DoctorCheck) }))
      .parse(await harness.json('doctor'));
    return (id: string) => report?.checks.find((one) => one.id.startsWith(id));
  };
  const whole = await checks();
  expect(whole('model-cache')).toMatchObject({
    message: expect.stringMatching(/hugging face\/hub, disk \/.*, [\d.]+ GB free/),
  });
  expect(whole('hub')).toMatchObject({
    state: 'ok',
    message: expect.stringMatching(/ is reachable$/),
  });
  expect(whole('download:')).toBeUndefined();
  expect(await harness.failure('pull', 'mlx-community/Gated')).toMatchObject({ code: 1 });
  await hub.close();
  const broken = await checks();
  expect(broken('hub')).toMatchObject({
    state: 'warning',
    message: expect.stringMatching(/Can't connect/),
  });
  expect(broken('download:')).toMatchObject({
    state: 'warning',
    message: expect.stringMatching(/^The download of mlx-community\/Gated failed/),
    action: { id: 'resume_download', params: { ref: 'mlx-community/Gated' } },
  });
});

test('a token comes from a file as well', async () => {
  const file = join(harness.home.folder, 'token');
  await writeFile(file, 'hf_good\n');
  expect(await harness.json('hub', 'token', 'set', '--token-file', file)).toEqual([
    { user: 'mara' },
  ]);
});

test('a token is tried, kept, used and forgotten; it is never shown', async () => {
  const set = async (token: string) => {
    const [program, ...words] = COMMAND;
    const child = spawn(program, [...words, 'hub', 'token', 'set', '--json'], {
      env: { ...process.env, MLX_MANAGER_HOME: harness.home.paths.home, HF_ENDPOINT: hub.url },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(`${token}\n`);
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { code, answer: JSON.parse(stdout.trim()) };
  };
  expect(await set('hf_wrong')).toMatchObject({
    code: 1,
    answer: { error: { code: 'unauthorised' } },
  });
  expect(await harness.failure('hub', 'token', 'test')).toMatchObject({ code: 1 });
  expect(await set('hf_good')).toEqual({ code: 0, answer: { user: 'mara' } });
  expect(await harness.json('hub', 'token', 'test')).toEqual([{ user: 'mara' }]);
  hub.approved.add('mara mlx-community/Gated');
  const lines = await harness.json('pull', 'mlx-community/Gated');
  expect(lines.at(-1)).toMatchObject({ event: 'done' });
  expect(JSON.stringify(lines)).not.toContain('hf_good');
  await harness.json('hub', 'token', 'clear');
  expect(await harness.failure('hub', 'token', 'test')).toMatchObject({ code: 1 });
});

test('killed and begun again: what was there is not fetched again', async () => {
  hub.bytesPerSecond = RATE;
  const first = harness.spawn('pull', REF, '--json');
  await untilSent(8_000_000);
  first.kill('SIGKILL');
  await once(first, 'exit');
  hub.bytesPerSecond = undefined;
  expect((await harness.json('pull', REF)).at(-1)).toMatchObject({ event: 'done' });
  expect(await hashes()).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});

test('Ctrl-C pauses it, and the same command goes on', async () => {
  hub.bytesPerSecond = RATE;
  const first = harness.spawn('pull', REF);
  const ended = collect(first);
  await untilSent(4_000_000);
  first.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Paused') });
  expect(await harness.json('downloads')).toMatchObject([[{ ref: REF, state: 'paused' }]]);
  hub.bytesPerSecond = undefined;
  expect((await harness.json('pull', REF)).at(-1)).toMatchObject({ event: 'done' });
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});

test('a manager that starts goes on with it, and the command follows', async () => {
  hub.bytesPerSecond = RATE / 3;
  const pull = collect(harness.spawn('pull', REF, '--json'));
  await untilSent(4_000_000);
  const served = await harness.serve();
  const [running] = await harness.json('downloads');
  expect(Download.array().parse(running)).toMatchObject([{ ref: REF, state: 'running' }]);
  hub.bytesPerSecond = undefined;
  const { code, stdout } = await pull;
  expect(code).toBe(0);
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ event: 'done' });
  expect(await hashes()).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
  expect(await served.end()).toBe(0);
});

test('in a manager it goes on after its command, and after the manager', async () => {
  hub.bytesPerSecond = RATE;
  const served = await harness.serve();
  const pull = harness.spawn('pull', REF);
  const ended = collect(pull);
  await untilSent(4_000_000);
  pull.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('continues') });
  expect(await harness.json('downloads')).toMatchObject([[{ ref: REF, state: 'running' }]]);
  await served.end('SIGKILL');
  hub.bytesPerSecond = undefined;
  await harness.serve();
  // By itself: nobody asks for it.
  await until(async () => (await listed())[0]?.state === 'done', 'the download to be done');
  expect(await hashes()).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});
