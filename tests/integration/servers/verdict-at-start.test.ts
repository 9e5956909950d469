import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { filesOf, SHAPES } from '@fixtures/shapes';
import type { Server } from '@shared/domain/server';
import { afterEach, beforeEach, expect, test } from 'vitest';

let h: CoreHarness;
beforeEach(async () => {
  h = await createCoreHarness();
  await h.registerEngine();
});
afterEach(() => h.close());

/** A profile with a model of a shape. @returns its id. */
async function profileWith(shapeName: string): Promise<string> {
  const shape = SHAPES.find(({ name }) => name === shapeName);
  if (!shape) throw new Error(`There is no shape "${shapeName}".`);
  const folder = join(h.home.folder, 'shapes', shapeName);
  await mkdir(folder, { recursive: true });
  await filesOf(shape).write(folder);
  return (await h.createProfile({ model: folder, restart: 'never' })).id;
}

async function failedStart(shapeName: string): Promise<Server> {
  const profileId = await profileWith(shapeName);
  await h.client.call('servers.start', { profileId });
  return h.waitFor(profileId, 'failed');
}

test.each([
  ['one of three shards missing, with an index', /model-00002-of-00003\.safetensors is missing/],
  ['an adapter of PEFT with a config of its base', /an adapter for org\/base/],
  ['weights that are a pointer of git-lfs', /git.lfs/i],
])('a model that cannot be served is not started: %s', async (name, sentence) => {
  const { failure } = await failedStart(name);
  expect(failure).toMatchObject({
    code: 'model_incomplete',
    message: expect.stringMatching(sentence),
    action: { id: 'open_models' },
  });
});

test('a speech model needs another engine, and which ones is said', async () => {
  const { failure } = await failedStart('Whisper');
  expect(failure).toMatchObject({
    code: 'unsupported_architecture',
    message: expect.stringMatching(/speech model\. Use another engine: .*mlx-openai-server/),
    action: { id: 'edit_options', params: { field: 'engine' } },
  });
});

test('whole weights may be started anyway, by the action that the failure offers', async () => {
  const profileId = await profileWith('special tokens that are cut off');
  await h.client.call('servers.start', { profileId });
  const { failure } = await h.waitFor(profileId, 'failed');
  expect(failure).toMatchObject({ code: 'model_incomplete', action: { id: 'start_anyway' } });
  await h.client.call('servers.start', { profileId, force: true });
  await h.waitFor(profileId, 'ready');
  await h.client.call('servers.restart', { profileId });
  await h.waitFor(profileId, 'ready');
  await h.client.call('servers.stop', { profileId });
  // Forced once is not forced for ever.
  await h.client.call('servers.start', { profileId });
  expect((await h.waitFor(profileId, 'failed')).failure?.code).toBe('model_incomplete');
});
