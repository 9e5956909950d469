import { mkdir, rename, rm, stat, truncate } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { ModelLibrary } from '@core/models/model-library';
import { Model } from '@shared/domain/model';

import { createLibrary, type LibraryHarness } from '@fixtures/library-harness';
import { writeCachedModel, writeModel } from '@fixtures/model-files';

let harness: LibraryHarness;
let root: string;
let hub: string;
let library: ModelLibrary;

beforeEach(async () => {
  harness = await createLibrary();
  ({ root, hub, library } = harness);
  harness.users.set('org/name', ['Chat']);
});
afterEach(() => harness.close());

const refs = async (): Promise<string[]> => (await library.list()).map(({ ref }) => ref);

test('the built-in model is always there, first, whole and real', async () => {
  const [demo] = await library.list();
  expect(Model.parse(demo)).toMatchObject({
    ref: 'demo',
    complete: true,
    origin: 'built-in',
    architecture: 'llama',
    path: path.join(root, 'home', 'models', 'demo'),
  });
  const weights = path.join(demo?.path ?? '', 'model.safetensors');
  const { size } = await stat(weights);
  await truncate(weights, 10);
  expect((await library.resolve('demo'))?.model.complete).toBe(true);
  expect((await stat(weights)).size).toBe(size);
});

test('cached models and added folders, with who uses them', async () => {
  await writeCachedModel(hub, 'org/name');
  await writeModel(path.join(root, 'mine', 'lm', 'studio'));
  harness.added.push(path.join(root, 'mine'), path.join(root, 'unplugged'));
  const models = await library.list();
  expect(models.map(({ ref, usedBy }) => [ref, usedBy])).toEqual([
    ['demo', []],
    ['org/name', ['Chat']],
    [path.join(root, 'mine', 'lm', 'studio'), []],
  ]);
  expect((await library.folders()).map(({ state, models }) => [state, models])).toEqual([
    ['ok', 1],
    ['ok', 1],
    ['missing', 0],
  ]);
});

test('a reference is resolved by what is on disk at this moment', async () => {
  expect(await library.resolve('org/name')).toBeUndefined();
  const snapshot = await writeCachedModel(hub, 'org/name');
  expect((await library.resolve('org/name'))?.path).toBe(snapshot);
  const folder = path.join(root, 'm');
  await writeModel(folder);
  expect(await library.resolve(folder)).toMatchObject({ path: folder, model: { complete: true } });
  await rm(path.join(folder, 'config.json'));
  expect((await library.resolve(folder))?.model.missing).toEqual(['config.json is missing']);
  const bare = path.join(root, 'bare');
  await mkdir(bare);
  expect((await library.resolve(bare))?.model.missing).toEqual([
    'there are no weights (model*.safetensors)',
  ]);
  expect(await library.resolve(path.join(root, 'nowhere'))).toBeUndefined();
  expect(await library.resolve('not a reference')).toBeUndefined();
  await expect(library.show('other/name')).rejects.toMatchObject({ code: 'not_found' });
  await expect(library.checkFolder(path.join(root, 'no'))).rejects.toMatchObject({
    code: 'validation',
    message: expect.stringContaining("doesn't exist"),
  });
});

test('changes on disk appear by themselves, also in a cache that was not there', async () => {
  const folder = path.join(root, 'added');
  await mkdir(folder);
  harness.added.push(folder);
  await library.start();
  expect(await refs()).toEqual(['demo']);

  await writeCachedModel(hub, 'org/name');
  await expect.poll(refs).toEqual(['demo', 'org/name']);
  const model = path.join(folder, 'a', 'b');
  await writeModel(model, { 'model.safetensors': undefined, 'model.safetensors.incomplete': 'x' });
  await expect.poll(refs).toEqual(['demo', 'org/name', model]);
  expect((await library.list()).at(-1)?.complete).toBe(false);
  await writeModel(model);
  await expect.poll(async () => (await library.list()).at(-1)?.complete).toBe(true);
  await rename(folder, path.join(root, 'moved'));
  await expect.poll(refs).toEqual(['demo', 'org/name']);
  expect((await library.folders()).at(-1)?.state).toBe('missing');
  await rename(path.join(root, 'moved'), folder);
  await expect.poll(refs).toEqual(['demo', 'org/name', model]);
  expect(harness.changes).toBeGreaterThanOrEqual(5);
});
