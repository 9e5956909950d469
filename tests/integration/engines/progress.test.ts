import { join } from 'node:path';

import { sumOfSizes } from '@core/engines/install/package-sizes';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { createFakeUv, type FakeUv } from '@fixtures/fake-uv';
import { createTempHome } from '@fixtures/temp-home';
import type { EngineJob, PackageProgress } from '@shared/domain/engine';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** How far an installation says that it is, with a stand-in for uv whose packages come slowly. */
let h: CoreHarness;
let uv: FakeUv;
let jobs: EngineJob[];

beforeEach(async () => {
  jobs = [];
  const scratch = await createTempHome();
  uv = await createFakeUv(join(scratch.folder, 'fake uv'));
  h = await createCoreHarness({}, uv.env);
  const { close } = h;
  h = { ...h, close: () => close().finally(() => scratch.close()) };
  h.client.on('engineJobs.changed', (job) => jobs.push(job));
});
afterEach(() => h.close());

const progressOf = (job: EngineJob): PackageProgress | undefined =>
  job.phases.find(({ id }) => id === 'packages')?.progress;
const seen = (): PackageProgress[] => jobs.flatMap((job) => progressOf(job) ?? []);

test('it tells packages and bytes of the known sum, its speed, and after five seconds what is left', async () => {
  await uv.behave({ seconds: 8 });
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);

  const all = seen();
  const total = sumOfSizes(uv.sizes);
  expect(new Set(all.map(({ totalBytes }) => totalBytes))).toEqual(new Set([total?.disk]));
  expect(new Set(all.map((one) => one.total))).toEqual(new Set([uv.sizes.size]));
  const bytes = all.map((one) => one.bytes ?? -1);
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
  expect(bytes.every((one) => one >= 0 && one <= (total?.disk ?? 0))).toBe(true);
  expect(all.map(({ done }) => done)).toEqual(
    all.map(({ done }) => done).toSorted((a, b) => a - b),
  );
  // The stand-in brings the sum in eight seconds; a busy machine is slower, never faster.
  const speeds = all.flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
  expect(speeds.length).toBeGreaterThan(2);
  expect(all.slice(0, 2).every(({ bytesPerSecond }) => bytesPerSecond === undefined)).toBe(true);
  expect(all.slice(0, 4).every(({ secondsLeft }) => secondsLeft === undefined)).toBe(true);
  expect(all.some(({ secondsLeft }) => secondsLeft !== undefined)).toBe(true);
  // What uv logs for us is nobody else's business.
  expect(jobs.at(-1)?.log.join('\n')).not.toContain('DEBUG');
  expect(jobs.at(-1)).toMatchObject({ state: 'done' });
  expect(progressOf(jobs.at(-1) as EngineJob)).toBeUndefined();
  const [installation] = await h.client.call('engines.list');
  expect(installation).toMatchObject({ locked: true, state: 'ready', inUse: true });
});

test('of a warm cache it tells packages alone: nothing is fetched, so there is no speed', async () => {
  await uv.behave({ cached: [...uv.sizes.keys()], linkSeconds: 4 });
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);

  const all = seen();
  expect(all.length).toBeGreaterThan(1);
  for (const one of all) expect(Object.keys(one).sort()).toEqual(['done', 'total']);
  expect(all.at(-1)?.done).toBeGreaterThan(0);
});

test('of a cache that has some of it, the sum is that of the rest', async () => {
  const [, ...cached] = [...uv.sizes.keys()];
  const rest = [...uv.sizes.keys()].filter((name) => !cached.includes(name));
  await uv.behave({ cached, seconds: 2 });
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);

  const first = seen().find(({ totalBytes }) => totalBytes !== undefined);
  expect(first?.totalBytes).toBe(sumOfSizes(uv.sizes, rest)?.disk);
  expect(first?.done).toBeGreaterThanOrEqual(cached.length);
});

test('a second engine waits for its turn and says for whom; cancelled, it never begins', async () => {
  await uv.behave({ seconds: 60 });
  const first = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await h.client.call('engines.install', { engine: 'mlx-vlm' });
  const find = async (engine: string): Promise<EngineJob | undefined> =>
    (await h.client.call('app.snapshot')).engineJobs.find((job) => job.engine === engine);
  await expect
    .poll(() => find('mlx-vlm'))
    .toMatchObject({
      state: 'running',
      queuedAfter: 'mlx-lm',
      message: 'Queued, after mlx-lm',
      fraction: 0,
    });
  const third = await h.client.call('engines.install', { engine: 'vllm-mlx' });
  await expect.poll(() => find('vllm-mlx')).toMatchObject({ queuedAfter: 'mlx-vlm' });
  // Of those that wait one goes: the next still waits for the first.
  const second = await find('mlx-vlm');
  await h.client.call('engines.cancel', { jobId: second?.id ?? '' });
  expect(await find('mlx-vlm')).toMatchObject({ state: 'cancelled' });
  await expect.poll(() => find('vllm-mlx')).toMatchObject({ queuedAfter: 'mlx-lm' });
  await h.client.call('engines.cancel', { jobId: third.id });
  await uv.behave({});
  await h.client.call('engines.cancel', { jobId: first.id });
  expect(jobs.filter(({ engine }) => engine === 'mlx-vlm').flatMap(({ log }) => log)).toEqual([]);
});

test('what waits begins when the one before has ended', async () => {
  await uv.behave({ seconds: 3 });
  const first = await h.client.call('engines.install', { engine: 'mlx-lm' });
  const second = await h.client.call('engines.install', { engine: 'mlx-vlm' });
  await jobEnd(h.client, second.id);
  const ends = jobs.filter(({ state }) => state === 'done').map(({ id }) => id);
  expect(ends).toEqual([first.id, second.id]);
  const started = jobs.find(({ id, log }) => id === second.id && log.length > 0);
  expect(started).toBeDefined();
  expect(jobs.at(-1)?.queuedAfter).toBeUndefined();
});
