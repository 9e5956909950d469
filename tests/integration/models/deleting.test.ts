import {
  chmod,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';

import { TRASH } from '@core/models/trash';
import { createLibrary, type LibraryHarness } from '@fixtures/library-harness';
import { writeHashedModel } from '@fixtures/hashed-model';
import { modelFiles, safetensorsFile, writeModel } from '@fixtures/model-files';
import { mountFolder } from '@fixtures/mounts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let harness: LibraryHarness;
beforeEach(async () => {
  harness = await createLibrary();
});
afterEach(() => harness.close());

const at = (...parts: string[]): string => path.join(harness.root, ...parts);
const refs = async () => (await harness.library.list()).slice(1).map(({ ref }) => ref);
const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );
const bytes = modelFiles().reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0);

test('a model of the cache goes whole, can be had back, and is then as it was', async () => {
  const { folder, snapshot } = await writeHashedModel(harness.hub, 'org/name');
  await writeHashedModel(harness.hub, 'org/other');
  const before = await harness.library.show('org/name');
  const deletion = await harness.library.delete('org/name', false);
  // The commit's name in refs/main takes room too.
  expect(deletion).toMatchObject({ ref: 'org/name', freedBytes: bytes + 40 });
  expect(Date.parse(deletion.until ?? '')).toBeGreaterThan(Date.now() + 8000);
  expect(await refs()).toEqual(['org/other']);
  expect(await exists(folder)).toBe(false);
  expect(await harness.library.undoDelete('org/name')).toEqual(before);
  expect(await readFile(path.join(snapshot, 'tokenizer.json'), 'utf8')).toBe('{}');
  expect(await readdir(harness.hub)).toEqual(['models--org--name', 'models--org--other']);
});

test('its time ends by itself, and can begin anew while the undo is looked at', async () => {
  const timers: { callback: () => void; ms: number; isOff: boolean }[] = [];
  const clock = {
    ...harness.clock,
    setTimeout(callback: () => void, ms: number) {
      const timer = { callback, ms, isOff: false };
      timers.push(timer);
      return () => {
        timer.isOff = true;
      };
    },
  };
  await harness.close();
  harness = await createLibrary({}, clock);
  await writeHashedModel(harness.hub, 'org/name');
  await harness.library.delete('org/name', false);
  expect(timers.map(({ isOff }) => isOff)).toEqual([false]);
  await harness.library.holdDelete('org/name');
  expect(timers.map(({ isOff }) => isOff)).toEqual([true, false]);
  expect(timers[1]?.ms).toBeGreaterThan(9000);
  timers[1]?.callback();
  await expect.poll(() => readdir(harness.hub)).toEqual([]);
  await expect(harness.library.undoDelete('org/name')).rejects.toMatchObject({ code: 'not_found' });
  await expect(harness.library.holdDelete('org/name')).rejects.toMatchObject({ code: 'not_found' });
});

test('at once, when nobody wants it back', async () => {
  await writeHashedModel(harness.hub, 'org/a');
  await writeHashedModel(harness.hub, 'org/b');
  await harness.library.delete('org/a', false);
  expect(await harness.library.deleteNow('org/a')).toEqual({
    ref: 'org/a',
    name: 'org/a',
    freedBytes: bytes + 40,
  });
  const now = await harness.library.delete('org/b', true);
  expect(now).not.toHaveProperty('until');
  expect(await readdir(harness.hub)).toEqual([]);
});

test('what is in use stays, and who uses it is named', async () => {
  const { snapshot } = await writeHashedModel(harness.hub, 'org/name');
  const refused = async (data: object, text: string) =>
    expect(harness.library.delete('org/name', true)).rejects.toMatchObject({
      code: 'in_use',
      message: expect.stringContaining(text),
      data,
    });
  harness.running.set(snapshot, ['By folder']);
  await refused({ running: ['By folder'] }, 'By folder');
  harness.running.clear();
  harness.downloading.add('org/name');
  await refused({ downloading: true }, 'downloaded');
  harness.downloading.clear();
  await harness.library.delete('org/name', true);
  expect(await refs()).toEqual([]);
});

test('a place that is taken again is not overwritten by an undo', async () => {
  await writeModel(at('mine', 'a'));
  harness.added.push(at('mine'));
  await harness.library.delete(at('mine', 'a'), false);
  await writeModel(at('mine', 'a'), { 'x.txt': 'new' });
  await expect(harness.library.undoDelete(at('mine', 'a'))).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await readFile(at('mine', 'a', 'x.txt'), 'utf8')).toBe('new');
});

describe('what does not belong to it', () => {
  test('other names of a file and what a link leads to are not counted and stay', async () => {
    const shared = at('shared', 'payload');
    await mkdir(at('shared'));
    await writeFile(shared, safetensorsFile(9000));
    await writeModel(at('mine', 'linked'), { 'model.safetensors': undefined });
    await symlink(shared, at('mine', 'linked', 'model.safetensors'));
    await writeModel(at('mine', 'hard'), { 'model.safetensors': undefined });
    await link(shared, at('mine', 'hard', 'model.safetensors'));
    harness.added.push(at('mine'));
    const rest = bytes - safetensorsFile().length;
    for (const name of ['linked', 'hard']) {
      const { freedBytes } = await harness.library.delete(at('mine', name), true);
      expect([name, freedBytes]).toEqual([name, rest]);
    }
    expect(await exists(shared)).toBe(true);
  });

  test('a folder that a link leads to is not touched', async () => {
    const { folder } = await writeHashedModel(at('other disk'), 'org/name');
    await mkdir(harness.hub, { recursive: true });
    await symlink(folder, path.join(harness.hub, path.basename(folder)));
    await writeModel(at('real'));
    await mkdir(at('mine'));
    await symlink(at('real'), at('mine', 'm'));
    harness.added.push(at('mine'));
    for (const ref of ['org/name', at('mine', 'm')]) {
      await expect(harness.library.delete(ref, true)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('is a link to'),
      });
    }
    expect(await refs()).toEqual(['org/name', at('mine', 'm')]);
  });

  test('nor what is no model of the library, the built-in one, or a folder that was added itself', async () => {
    await writeModel(at('outside'));
    await writeModel(at('itself'));
    harness.added.push(at('itself'));
    await expect(harness.library.delete(at('outside'), true)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(harness.library.delete('/etc', true)).rejects.toMatchObject({ code: 'not_found' });
    await expect(harness.library.delete('demo', true)).rejects.toMatchObject({ code: 'conflict' });
    await expect(harness.library.delete(at('itself'), true)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await exists(at('outside', 'config.json'))).toBe(true);
    expect(await exists(at('itself', 'config.json'))).toBe(true);
  });
});

describe('a manager that ended meanwhile', () => {
  /** A deletion as it lies on disk, without the library that began it. */
  async function abandoned(until: number): Promise<string> {
    await writeModel(at('mine', 'a'));
    harness.added.push(at('mine'));
    const entry = at('mine', TRASH, 'abcdefabcdef');
    await mkdir(entry, { recursive: true });
    const from = at('mine', 'a');
    const text = JSON.stringify({ ref: from, name: 'a', from, until, freedBytes: 1 });
    await writeFile(path.join(entry, 'entry.json'), text);
    return entry;
  }

  test('after the move: it goes at the next start, the view that could undo it is gone', async () => {
    const entry = await abandoned(Date.now() - 1000);
    await rename(at('mine', 'a'), path.join(entry, 'model'));
    await harness.again();
    expect(await refs()).toEqual([]);
    await expect.poll(() => readdir(at('mine'))).toEqual([]);
  });

  test('within its time: it can still be had back', async () => {
    const entry = await abandoned(Date.now() + 60_000);
    await rename(at('mine', 'a'), path.join(entry, 'model'));
    await harness.again();
    expect(await refs()).toEqual([]);
    const back = () => harness.library.undoDelete(at('mine', 'a')).catch(() => undefined);
    await expect.poll(back).toMatchObject({ state: 'complete' });
    expect(await readdir(at('mine'))).toEqual(['a']);
  });

  test('before the move: nothing has happened', async () => {
    await abandoned(Date.now() - 1000);
    await harness.again();
    expect(await refs()).toEqual([at('mine', 'a')]);
    await expect.poll(() => readdir(at('mine'))).toEqual(['a']);
  });

  test('in the middle of the removal: the rest goes', async () => {
    const entry = await abandoned(Date.now() + 60_000);
    await rename(at('mine', 'a'), path.join(entry, 'model'));
    await writeFile(path.join(entry, 'entry.json'), '');
    await harness.again();
    await refs();
    await expect.poll(() => readdir(at('mine'))).toEqual([]);
  });

  test('in order: what was deleted goes with it', async () => {
    await writeModel(at('mine', 'a'));
    harness.added.push(at('mine'));
    await harness.library.delete(at('mine', 'a'), false);
    await harness.library.stop();
    expect(await readdir(at('mine'))).toEqual([]);
  });
});

test('a disk that can only be read says so and loses nothing', async ({ skip }) => {
  const disk = await mountFolder('size=8m');
  if (typeof disk === 'string') return skip(disk);
  try {
    await writeModel(path.join(disk.folder, 'a'));
    await disk.remount('ro');
    harness.added.push(disk.folder);
    await expect(harness.library.delete(path.join(disk.folder, 'a'), true)).rejects.toMatchObject({
      code: 'permission',
      message: expect.stringContaining('read-only disk'),
    });
    expect(await refs()).toEqual([path.join(disk.folder, 'a')]);
  } finally {
    await disk.close();
  }
});

test.skipIf(process.geteuid?.() === 0)(
  'a folder without write access says so (not as root, whom no access stops)',
  async () => {
    await writeModel(at('mine', 'a'));
    harness.added.push(at('mine'));
    await chmod(at('mine'), 0o555);
    await expect(harness.library.delete(at('mine', 'a'), true)).rejects.toMatchObject({
      code: 'permission',
    });
    await chmod(at('mine'), 0o755);
  },
);
