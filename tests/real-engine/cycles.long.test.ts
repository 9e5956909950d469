import { afterAll, beforeAll, expect, test } from 'vitest';

import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { findListeners, readTable } from '@fixtures/see-processes';

const CYCLES = 50;
let h: CoreHarness;

beforeAll(async () => {
  h = await createCoreHarness();
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
}, 600_000);

afterAll(() => h.close());

test(`${CYCLES} start and stop cycles of the real engine leave nothing`, async () => {
  const profile = await h.createProfile();
  const before = new Set((await readTable()).map((info) => info.pid));
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    await h.client.call('servers.start', { profileId: profile.id });
    await h.waitFor(profile.id, 'ready', 60_000);
    const stopped = await h.client.call('servers.stop', { profileId: profile.id });
    expect(stopped.state).toBe('stopped');
    expect(await findListeners(profile.port)).toEqual([]);
  }
  const left = (await readTable()).filter(
    (info) => !before.has(info.pid) && info.state !== 'Z' && info.command.includes('mlx_lm'),
  );
  expect(left).toEqual([]);
}, 900_000);
