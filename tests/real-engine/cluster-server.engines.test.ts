import { NONCE_VARIABLE } from '@core/servers/launch/ownership';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findListeners, readProcess, readTable, readTree } from '@fixtures/see-processes';

/** Two ranks on this machine, as a profile of the product: supervised like every other server. */
let h: CoreHarness;
const made: ServerProfile[] = [];

beforeAll(async () => {
  h = await createCoreHarness();
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
}, 600_000);
afterEach(async () => {
  for (const { id } of made.splice(0)) {
    const all = await h.client.call('profiles.list');
    if (all.some((profile) => profile.id === id))
      await h.client.call('profiles.delete', { profileId: id, stop: true });
  }
});
afterAll(() => h.close());

async function twoRanks(fields: Parameters<CoreHarness['createProfile']>[0] = {}) {
  const name = `Two ranks ${made.length + 1}`;
  const profile = await h.createProfile({ name, cluster: { ranks: 2 }, ...fields });
  made.push(profile);
  return profile;
}

async function started(profile: ServerProfile): Promise<Server> {
  await h.client.call('servers.start', { profileId: profile.id });
  return h.waitFor(profile.id, 'ready', 60_000);
}

async function chat({ url, requestModel }: Server): Promise<string> {
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: requestModel,
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 12,
    }),
  });
  return response.text();
}

/** The programs of the ranks: what the launcher started, without its own shells. */
async function ranksOf(server: Server): Promise<number[]> {
  const tree = await readTree(server.pid ?? 0);
  const infos = await Promise.all(tree.map(({ pid }) => readProcess(pid)));
  return infos.flatMap((info) =>
    info?.command.includes('mlx_lm.server --model') && !info.command.includes('mlx.launch')
      ? [info.pid]
      : [],
  );
}

/** Every live process of this machine that carries the mark of a server of this test's manager. */
async function marked(): Promise<number[]> {
  const pids = (await readTable()).filter(({ state }) => state !== 'Z').map(({ pid }) => pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const env = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return env.includes(`${NONCE_VARIABLE}=`) && env.includes(h.home.folder);
    }),
  );
  return pids.filter((_, index) => found[index]);
}

test('the machines are looked at, both ranks answer as one, and a stop leaves nothing', async () => {
  const profile = await twoRanks();
  expect(await h.client.call('profiles.checkHosts', { profileId: profile.id })).toMatchObject([
    { ok: true },
  ]);
  const { argv } = await h.client.call('profiles.command', { profileId: profile.id });
  expect(argv[0]).toMatch(/mlx\.launch$/);
  const ready = await started(profile);
  expect(await ranksOf(ready)).toHaveLength(2);
  expect(await chat(ready)).toContain('I am the built-in test model');
  // Each holds the model: an engine with MLX loaded takes more than 50 MB.
  const ranks = await h.client.call('servers.ranks', { profileId: profile.id });
  expect(ranks.map(({ rank }) => rank)).toEqual([0, 1]);
  for (const { memoryBytes } of ranks) expect(memoryBytes).toBeGreaterThan(50_000_000);
  await h.client.call('servers.stop', { profileId: profile.id });
  expect(await h.client.call('servers.ranks', { profileId: profile.id })).toEqual([]);
  expect(await marked()).toEqual([]);
  expect(await findListeners(profile.port)).toEqual([]);
}, 120_000);

test('one rank killed: failed with the rank named, nothing left of the other', async () => {
  const profile = await twoRanks({ restart: 'never' });
  const ready = await started(profile);
  const [, second] = await ranksOf(ready);
  if (second === undefined) throw new Error('there is no second rank');
  process.kill(second, 'SIGKILL');
  const failed = await h.waitFor(profile.id, 'failed', 30_000);
  expect(failed.failure?.code).toBe('exited');
  expect(failed.failure?.message).toMatch(/^Rank [01] on this machine was killed/);
  expect(await marked()).toEqual([]);
}, 120_000);

test('the launcher killed: the ranks that it leaves are ended, and all of it starts again', async () => {
  const profile = await twoRanks();
  const ready = await started(profile);
  if (ready.pid === undefined) throw new Error('a ready server has no pid');
  process.kill(ready.pid, 'SIGKILL');
  await expect
    .poll(
      async () =>
        (await h.client.call('servers.list')).find((s) => s.name === profile.name)?.restarts,
      {
        timeout: 30_000,
      },
    )
    .toBe(1);
  const again = await h.waitFor(profile.id, 'ready', 60_000);
  expect(again.pid).not.toBe(ready.pid);
  expect(await chat(again)).toContain('I am');
  expect(await ranksOf(again)).toHaveLength(2);
  await h.client.call('servers.stop', { profileId: profile.id });
  expect(await marked()).toEqual([]);
}, 180_000);

test('a manager that begins again takes the whole of it over', async () => {
  const profile = await twoRanks();
  const ready = await started(profile);
  h = await h.restart('leave-running');
  const adopted = await h.waitFor(profile.id, 'ready', 30_000);
  expect(adopted).toMatchObject({ pid: ready.pid, adopted: true });
  expect(await chat(adopted)).toContain('I am');
  await h.client.call('servers.stop', { profileId: profile.id });
  expect(await marked()).toEqual([]);
}, 120_000);

test('a machine that cannot be reached keeps the start from beginning, and says what to do', async () => {
  const profile = await twoRanks({
    cluster: {
      hosts: [
        { name: 'Here', ssh: null, addresses: ['127.0.0.1'] },
        { name: 'Nowhere', ssh: 'nobody@127.0.0.2', addresses: ['127.0.0.2'] },
      ],
    },
  });
  await h.client.call('servers.start', { profileId: profile.id });
  const failed = await h.waitFor(profile.id, 'failed', 60_000);
  expect(failed.failure?.evidence.some(({ label }) => label === 'Nowhere')).toBe(true);
  expect(failed.failure?.evidence.some(({ label }) => label === 'What to do')).toBe(true);
  expect(failed.restarts).toBe(0);
  const [here, nowhere] = await h.client.call('profiles.checkHosts', { profileId: profile.id });
  expect(here).toMatchObject({ host: 'Here', ok: true });
  expect(nowhere).toMatchObject({ host: 'Nowhere', ok: false });
}, 120_000);

test('only mlx-lm joins ranks into one model', async () => {
  const refused = await twoRanks({ engine: 'vllm-mlx' }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'validation', data: { fields: [{ field: 'cluster' }] } });
});
