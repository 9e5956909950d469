import { systemClock } from '@core/ports/clock';
import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { afterEach, beforeEach, expect, it } from 'vitest';

const DAYS = 86_400_000;

let harness: CoreHarness;
/** How far the clock on the wall was set, ms. */
let step: number;
beforeEach(async () => {
  step = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + step };
  harness = await createCoreHarness({ clock });
  await harness.registerEngine();
});
afterEach(() => harness.close());

it.each([
  ['back', -10 * DAYS],
  ['on', 10 * DAYS],
])('when the clock is set %s by days, a server is as old as it is', async (_, ms) => {
  const { client } = harness;
  const { id: profileId } = await harness.createProfile({}, { LOAD_MS: 1500 });
  const began = performance.now();
  await client.call('servers.start', { profileId });
  const loading = await harness.waitFor(profileId, 'loading');
  step = ms;
  const isPlausible = (seconds: number | undefined): boolean =>
    seconds !== undefined && seconds >= 0 && seconds <= (performance.now() - began) / 1000 + 0.1;
  expect(loading.state).toBe('loading');
  const [still] = await client.call('servers.list');
  expect(isPlausible(still?.progress?.seconds ?? still?.readySeconds)).toBe(true);
  const ready = await harness.waitFor(profileId, 'ready');
  expect(isPlausible(ready.readySeconds)).toBe(true);
  const [server] = await client.call('servers.list');
  expect(isPlausible(server?.uptimeSeconds)).toBe(true);
  // What was measured before is not in the future, and not of last week.
  await expect
    .poll(async () => (await client.call('metrics.history', { profileId })).times.length, {
      timeout: 15_000,
    })
    .toBeGreaterThan(0);
  step = -ms;
  const { times } = await client.call('metrics.history', { profileId });
  const now = (systemClock.now() + step) / 1000;
  for (const time of times) expect(now - time).toBeGreaterThanOrEqual(-1);
  for (const time of times) expect(now - time).toBeLessThan(120);
  const stopped = await client.call('servers.stop', { profileId });
  expect(stopped.state).toBe('stopped');
});
