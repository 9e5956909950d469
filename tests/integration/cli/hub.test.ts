import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import {
  type BuiltCli,
  buildCli,
  type CliWorld,
  collect,
  createCliWorld,
} from '@fixtures/built-cli';
import { modelRepo, repoHashes, snapshotHashes } from '@fixtures/download-world';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { Download } from '@shared/domain/download';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';
const RATE = 12_000_000;

let cli: BuiltCli;
let repo: HubRepo;
let hub: FakeHub;
let world: CliWorld;

beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());
beforeEach(async () => {
  repo = await modelRepo(REF, { weights: 30_000_000, facts: { downloads: 7, licence: 'mit' } });
  const gated = await modelRepo('mlx-community/Gated', { facts: { gated: 'auto' } });
  hub = await startFakeHub({ repos: [repo, gated] });
  world = await createCliWorld(cli, { HF_ENDPOINT: hub.url });
});
afterEach(async () => {
  await world.close();
  await hub.close();
});

function hashes(): Promise<Record<string, string>> {
  const cache = join(world.home.folder, 'hugging face', 'hub', 'models--mlx-community--Tiny-4bit');
  return snapshotHashes(join(cache, 'snapshots', repo.commits[0]?.id ?? ''));
}

function sent(): number {
  return [...hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const size = (): number =>
  [...(repo.commits[0]?.files.values() ?? [])].reduce((sum, file) => sum + file.size, 0);

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); ) {
    if (Date.now() > end) throw new Error('It did not happen within 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('search, fit, pull and downloads in JSON', async () => {
  const [found] = await world.json('search', 'tiny', '--sort', 'downloads');
  expect(found).toMatchObject([
    { ref: REF, downloads: 7, licence: 'mit', gated: false, facts: { fit: { verdict: 'fits' } } },
  ]);
  const [fit] = await world.json('fit', REF, '--context', '4096', '--kv-bits', '8');
  expect(fit).toMatchObject({ verdict: 'fits', context: 4096, kvBits: 8 });
  const lines = await world.json('pull', REF);
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
  const [list] = await world.json('downloads');
  expect(Download.array().parse(list)).toMatchObject([{ ref: REF, state: 'done' }]);
});

test('what is refused ends with 1 and a code, and leaves nothing', async () => {
  expect(await world.failure('pull', 'nobody/nothing')).toMatchObject({
    code: 1,
    error: { code: 'not_found' },
  });
  expect(await world.failure('pull', 'mlx-community/Gated')).toMatchObject({
    code: 1,
    error: { code: 'gated', action: { id: 'set_token' } },
  });
  expect(await world.failure('pull', 'no-slash')).toMatchObject({ code: 1 });
  expect(await world.failure('downloads', 'explode', 'x')).toMatchObject({ code: 2 });
  expect(await world.failure('pull', REF, '--limit-rate', 'fast')).toMatchObject({ code: 2 });
  const cache = join(world.home.folder, 'hugging face', 'hub');
  expect(await readdir(cache)).not.toContain('models--mlx-community--Gated');
});

test('a token is tried, kept, used and forgotten; it is never shown', async () => {
  const set = async (token: string) => {
    const child = spawn(process.execPath, [cli.path, 'hub', 'token', 'set', '--json'], {
      env: { ...process.env, MLX_MANAGER_HOME: world.home.paths.home, HF_ENDPOINT: hub.url },
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
  expect(await world.failure('hub', 'token', 'test')).toMatchObject({ code: 1 });
  expect(await set('hf_good')).toEqual({ code: 0, answer: { user: 'mara' } });
  expect(await world.json('hub', 'token', 'test')).toEqual([{ user: 'mara' }]);
  hub.approved.add('mara mlx-community/Gated');
  const lines = await world.json('pull', 'mlx-community/Gated');
  expect(lines.at(-1)).toMatchObject({ event: 'done' });
  expect(JSON.stringify(lines)).not.toContain('hf_good');
  await world.json('hub', 'token', 'clear');
  expect(await world.failure('hub', 'token', 'test')).toMatchObject({ code: 1 });
});

test('killed and begun again: what was there is not fetched again', async () => {
  hub.bytesPerSecond = RATE;
  const first = world.spawn('pull', REF, '--json');
  await until(() => sent() > 8_000_000);
  first.kill('SIGKILL');
  await once(first, 'exit');
  await new Promise((resolve) => setTimeout(resolve, 100));
  hub.bytesPerSecond = undefined;
  expect((await world.json('pull', REF)).at(-1)).toMatchObject({ event: 'done' });
  expect(await hashes()).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});

test('Ctrl-C pauses it, and the same command goes on', async () => {
  hub.bytesPerSecond = RATE;
  const first = world.spawn('pull', REF);
  const ended = collect(first);
  await until(() => sent() > 4_000_000);
  first.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Paused') });
  expect(await world.json('downloads')).toMatchObject([[{ ref: REF, state: 'paused' }]]);
  hub.bytesPerSecond = undefined;
  expect((await world.json('pull', REF)).at(-1)).toMatchObject({ event: 'done' });
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});

test('a manager that starts goes on with it, and the command follows', async () => {
  hub.bytesPerSecond = RATE / 3;
  const pull = collect(world.spawn('pull', REF, '--json'));
  await until(() => sent() > 4_000_000);
  const served = await world.serve();
  const [running] = await world.json('downloads');
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
  const served = await world.serve();
  const pull = world.spawn('pull', REF);
  const ended = collect(pull);
  await until(() => sent() > 4_000_000);
  pull.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on') });
  expect(await world.json('downloads')).toMatchObject([[{ ref: REF, state: 'running' }]]);
  await served.end('SIGKILL');
  hub.bytesPerSecond = undefined;
  await world.serve();
  // By itself: nobody asks for it.
  for (const end = Date.now() + 20_000; ; ) {
    const [list] = await world.json('downloads');
    if (Download.array().parse(list)[0]?.state === 'done') break;
    if (Date.now() > end) throw new Error(JSON.stringify(list));
  }
  expect(await hashes()).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(size() * 1.05);
});
