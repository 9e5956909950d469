import { afterEach, beforeEach, expect, test } from 'vitest';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { until } from '@fixtures/until';

let h: CoreHarness;
beforeEach(async () => {
  h = await createCoreHarness();
});
afterEach(() => h.close());

test('a program that is registered for another engine too leaves the first one as it is', async () => {
  const first = await h.registerEngine();
  const { id } = await h.client.call('engines.register', {
    engine: 'mlx-vlm',
    command: FAKE_ENGINE,
  });
  await until(async () => {
    const { engineJobs } = await h.client.call('app.snapshot');
    return engineJobs.find((job) => job.id === id)?.state !== 'running';
  }, 'the end of the registration');
  const installations = await h.client.call('engines.list');
  const kept = installations.find((one) => one.id === first.id);
  expect(kept).toMatchObject({ engine: 'mlx-lm', state: 'ready', inUse: true });
  expect(installations.map(({ engine }) => engine).toSorted()).toEqual(['mlx-lm', 'mlx-vlm']);
});
