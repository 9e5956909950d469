import {
  appendFile,
  lutimes,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';

import { isMounted, mountOf } from '@core/models/mounts';
import { createLibrary, type LibraryHarness } from '@fixtures/library-harness';
import { writeCachedModel, writeModel } from '@fixtures/model-files';
import { mountFolder } from '@fixtures/mounts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let harness: LibraryHarness;
beforeEach(async () => {
  harness = await createLibrary();
});
afterEach(() => harness.close());

const at = (...parts: string[]): string => path.join(harness.root, ...parts);
const memory = () => at('home', 'cache', 'library.json');
const states = async () =>
  (await harness.library.list()).slice(1).map(({ name, state }) => `${name} ${state}`);
/** Files of this very moment are not trusted to be as they look: these become a minute old. */
async function age(...folders: readonly string[]): Promise<void> {
  const time = (Date.now() - 60_000) / 1000;
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true });
    for (const name of ['', ...names]) await lutimes(path.join(folder, name), time, time);
  }
}

test('two hundred models: a later start knows them, and sees each kind of change', async () => {
  for (let index = 0; index < 100; index++) {
    await writeModel(at('mine', `org${index % 7}`, `m${index}`));
    await writeCachedModel(harness.hub, `org/h${index}`);
  }
  harness.added.push(at('mine'));
  await age(at('mine'), harness.hub);
  expect(await states()).toHaveLength(200);
  const before = await harness.library.list();
  expect(await (await harness.again()).list()).toEqual(before);

  await truncate(at('mine', 'org0', 'm0', 'model.safetensors'), 20);
  await rm(at('mine', 'org1', 'm1', 'tokenizer.json'));
  await rm(at('mine', 'org2', 'm2'), { recursive: true });
  await writeModel(at('mine', 'org3', 'new'));
  await rename(
    path.join(harness.hub, 'models--org--h0'),
    path.join(harness.hub, 'models--org--hx'),
  );
  await harness.again();
  const after = await states();
  expect(after).toHaveLength(200);
  const news = after.filter((line) => !line.endsWith(' complete'));
  expect(news.sort()).toEqual(['org0/m0 damaged', 'org1/m1 incomplete']);
  expect(after).toContain('org3/new complete');
  expect(after).toContain('org/hx complete');
  expect(after).not.toContain('org/h0 complete');
});

test.each([
  ['cut off', (text: string) => text.slice(0, text.length / 2)],
  ['changed by another', (text: string) => text.replace('"complete":true', '"complete":null')],
  ['of another format', () => '{}'],
  ['empty', () => ''],
])('a memory that is %s costs time and nothing else', async (_, damage) => {
  await writeModel(at('mine', 'a'));
  harness.added.push(at('mine'));
  await age(at('mine'));
  expect(await states()).toEqual(['a complete']);
  await harness.library.stop();
  const text = await readFile(memory(), 'utf8');
  expect(damage(text)).not.toBe(text);
  await writeFile(memory(), damage(text));
  await harness.again();
  expect(await states()).toEqual(['a complete']);
});

test('where nothing may be written, nothing is', async () => {
  await writeModel(at('mine', 'a'));
  harness.added.push(at('mine'));
  await harness.again({ mayWrite: () => false });
  expect(await states()).toEqual(['a complete']);
  await harness.library.stop();
  await expect(readFile(memory())).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a change while it is watched is read, and only there', async () => {
  for (const name of ['a', 'b']) await writeModel(at('mine', name));
  harness.added.push(at('mine'));
  await harness.library.start();
  await expect.poll(states).toEqual(['a complete', 'b complete']);
  await appendFile(at('mine', 'b', 'config.json'), ' broken');
  await expect.poll(states).toEqual(['a complete', 'b damaged']);
});

describe('a disk', () => {
  test('is told from a folder by the device of what lies above', async () => {
    const devices: Record<string, number> = {
      '/': 1,
      '/Volumes': 1,
      '/Volumes/SSD': 2,
      '/Volumes/SSD/m': 2,
    };
    const stat = async (file: string) => {
      const dev = devices[file];
      return dev === undefined ? undefined : { dev };
    };
    expect(await mountOf('/Volumes/SSD/m', stat)).toBe('/Volumes/SSD');
    expect(await mountOf('/Volumes', stat)).toBe('/');
    expect(await isMounted('/Volumes/SSD', stat)).toBe(true);
    expect(await isMounted('/', stat)).toBe(true);
    devices['/Volumes/SSD'] = 1;
    expect(await isMounted('/Volumes/SSD', stat)).toBe(false);
    delete devices['/Volumes/SSD'];
    expect(await isMounted('/Volumes/SSD', stat)).toBe(false);
  });

  test('that is not mounted keeps its models by name, and brings them back', async ({ skip }) => {
    const disk = await mountFolder('size=8m');
    if (typeof disk === 'string') return skip(disk);
    const folder = path.join(disk.folder, 'models');
    try {
      await writeModel(path.join(folder, 'archived'));
      harness.added.push(folder);
      await age(folder);
      expect(await states()).toEqual(['archived complete']);
      await harness.again();
      expect(await states()).toEqual(['archived complete']);
    } finally {
      await disk.close();
    }
    await harness.again();
    const [model] = (await harness.library.list()).slice(1);
    expect(model).toMatchObject({
      ref: path.join(folder, 'archived'),
      state: 'unmounted',
      complete: false,
      architecture: 'qwen3',
      disk: path.basename(disk.folder),
    });
    expect((await harness.library.folders()).at(-1)).toMatchObject({ state: 'missing', models: 1 });
    expect(await harness.library.show(model?.ref ?? '')).toEqual(model);
    expect(await harness.library.resolve(model?.ref ?? '')).toBeUndefined();
    await expect(harness.library.delete(model?.ref ?? '', true)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining("isn't mounted"),
    });
    // It is remembered over any number of starts, until the disk is there again.
    await harness.again();
    expect(await states()).toEqual(['archived unmounted']);
    await mkdir(folder, { recursive: true });
    await writeModel(path.join(folder, 'other'));
    await harness.library.rescan();
    expect(await states()).toEqual(['other complete']);
    await rm(disk.folder, { recursive: true, force: true });
  });

  test('that stayed, from which a folder was removed, remembers nothing', async () => {
    await writeModel(at('mine', 'a'));
    harness.added.push(at('mine'));
    await age(at('mine'));
    expect(await states()).toEqual(['a complete']);
    await rm(at('mine'), { recursive: true });
    await harness.library.rescan();
    expect(await states()).toEqual([]);
    expect((await harness.library.folders()).at(-1)).toMatchObject({ state: 'missing', models: 0 });
  });
});
