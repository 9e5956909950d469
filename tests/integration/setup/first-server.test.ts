import { createCoreHarness, type CoreHarness } from '@fixtures/core-harness';
import { modelRepo } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { until } from '@fixtures/until';
import type { Setup } from '@shared/domain/setup';
import { afterEach, beforeEach, expect, it } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';
const PLAN = { engine: 'mlx-lm', model: REF, name: 'Tiny' } as const;

let hub: FakeHub;
let harness: CoreHarness;

beforeEach(async () => {
  hub = await startFakeHub({ repos: [await modelRepo(REF, { weights: 6_000_000 })] });
  // No index to install from: what the engine step does without one is its own failure.
  harness = await createCoreHarness(
    {},
    {
      HF_ENDPOINT: hub.url,
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple',
      UV_OFFLINE: '1',
    },
  );
});

afterEach(async () => {
  await harness.close();
  await hub.close();
});

const current = async (): Promise<Setup | null> =>
  (await harness.client.call('app.snapshot')).setup;

async function reaches(isThere: (setup: Setup | null) => boolean): Promise<Setup | null> {
  let last: Setup | null = null;
  await until(
    async () => {
      last = await current();
      return isThere(last);
    },
    () => `a set-up that has come further than ${JSON.stringify(last)}`,
  );
  return last;
}

it('fetches the model, makes the profile, starts it and brings its first answer', async () => {
  await harness.registerEngine();
  const begun = await harness.client.call('setup.start', PLAN);
  expect(begun.state).toBe('running');
  const done = await reaches((setup) => setup?.state === 'done');
  expect(done).toMatchObject({
    engine: { state: 'done' },
    model: { state: 'done', seconds: expect.any(Number) },
    server: { state: 'done', seconds: expect.any(Number) },
    answer: { question: expect.stringContaining('sky'), text: expect.stringMatching(/./) },
  });
  const [profile] = await harness.client.call('profiles.list');
  expect(profile).toMatchObject({ name: 'Tiny', model: REF, engine: 'mlx-lm' });
  expect(done?.server.profileId).toBe(profile?.id);
  const [server] = await harness.client.call('servers.list');
  expect(server?.state).toBe('ready');
  // It stays until a person closes it, and is told to the views.
  await harness.client.call('setup.dismiss');
  expect(await current()).toBeNull();
});

it('goes on where it was after a quit in the middle', async () => {
  await harness.registerEngine();
  hub.bytesPerSecond = 500_000;
  await harness.client.call('setup.start', PLAN);
  await reaches((setup) => setup?.model.downloadId !== undefined);
  await until(
    async () => (await harness.client.call('downloads.list')).some(({ bytes }) => bytes > 100_000),
    'the first bytes',
  );
  harness = await harness.restart('stop');
  expect(await current()).toMatchObject({ state: 'running', model: { state: 'running' } });
  hub.bytesPerSecond = undefined;
  const done = await reaches((setup) => setup?.state === 'done');
  expect(done?.answer?.text).toMatch(/./);
  expect(await harness.client.call('profiles.list')).toHaveLength(1);
});

it('names the step that failed, lets the other go on, and tries again', async () => {
  await harness.client.call('setup.start', PLAN);
  const failed = await reaches((setup) => setup?.state === 'failed');
  expect(failed).toMatchObject({
    engine: { state: 'failed', failure: { message: expect.stringMatching(/\.$/) } },
    model: { state: 'done' },
    server: { state: 'waiting' },
  });
  expect(await harness.client.call('profiles.list')).toEqual([]);
  // A person mends it in another place.
  await harness.registerEngine();
  await reaches((setup) => setup?.state === 'done');
});

it('a start that is refused is said, and goes on once the cause is gone', async () => {
  await harness.registerEngine();
  const port = await harness.home.freePort();
  const { createServer } = await import('node:http');
  const other = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  await harness.client.call('setup.start', { ...PLAN, model: 'demo', port });
  const failed = await reaches((setup) => setup?.state === 'failed');
  expect(failed?.server.failure?.message).toContain(String(port));
  other.close();
  await harness.client.call('setup.retry');
  await reaches((setup) => setup?.state === 'done');
});

it('cancel ends the download without losing its bytes, and makes no profile', async () => {
  await harness.registerEngine();
  hub.bytesPerSecond = 500_000;
  await harness.client.call('setup.start', PLAN);
  await expect(harness.client.call('setup.start', PLAN)).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(harness.client.call('setup.dismiss')).rejects.toMatchObject({ code: 'conflict' });
  await until(
    async () => (await harness.client.call('downloads.list')).some(({ bytes }) => bytes > 100_000),
    'the first bytes',
  );
  await harness.client.call('setup.cancel');
  expect(await current()).toBeNull();
  const [download] = await harness.client.call('downloads.list');
  expect(download?.state).toBe('paused');
  expect(download?.bytes).toBeGreaterThan(100_000);
  expect(await harness.client.call('profiles.list')).toEqual([]);
});

it('ends when its profile is deleted', async () => {
  await harness.registerEngine();
  await harness.client.call('setup.start', { ...PLAN, model: 'demo' });
  const setup = await reaches((one) => one?.server.profileId !== undefined);
  const profileId = setup?.server.profileId ?? '';
  await harness.client.call('profiles.delete', { profileId, stop: true });
  await reaches((one) => one === null || one.state === 'done');
});
