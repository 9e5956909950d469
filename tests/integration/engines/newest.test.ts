import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { createFakeUv } from '@fixtures/fake-uv';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** What a view is told of newer versions, with a stand-in for uv. */
let scratch: TempHome;
let h: CoreHarness;

beforeEach(async () => {
  scratch = await createTempHome();
  const uv = await createFakeUv(join(scratch.folder, 'fake uv'));
  await uv.behave({ newest: '9.9.9' });
  h = await createCoreHarness({}, uv.env);
});
afterEach(async () => {
  await h.close();
  await scratch.close();
});

test('a view that does not wait for the index is told when it has answered, though no installation changed', async () => {
  const told = Promise.withResolvers<void>();
  h.client.on('engines.newestChanged', () => told.resolve());
  // A view knows the installations; they are not sent to it again.
  expect((await h.client.call('app.snapshot')).installations).toEqual([]);
  const versions = async () =>
    (await h.client.call('engines.available', { quick: true })).map(({ version }) => version);
  expect(await versions()).toEqual([null, null, null, null]);
  await told.promise;
  await expect.poll(versions).toEqual(['9.9.9', '9.9.9', '9.9.9', '9.9.9']);
});
