import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Trash, TRASH } from '@core/models/trash';
import { systemClock } from '@core/ports/clock';
import { recordingLogger } from '@fixtures/recording-logger';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let home: TempHome;
let root: string;
let outside: string;
let trash: Trash;
beforeEach(async () => {
  home = await createTempHome();
  root = join(home.folder, 'models');
  outside = join(home.folder, 'letters');
  await mkdir(root);
  await mkdir(outside);
  await writeFile(join(outside, 'dear.txt'), 'precious');
  const { logger } = recordingLogger();
  trash = new Trash({ clock: systemClock, logger, ended: () => undefined });
});
afterEach(async () => {
  await trash.close();
  await home.close();
});

const LATER = Date.now() + 3_600_000;
const entry = (from: string) =>
  JSON.stringify({ ref: 'org/name', name: 'name', from, until: LATER, freedBytes: 1 });

/** What somebody else who may write to the library has put into its folder of deleted models. */
async function plant(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = join(root, TRASH, name);
  await mkdir(join(folder, 'model'), { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

const letters = () => readFile(join(outside, 'dear.txt'), 'utf8');

describe('the folder of deleted models in a library that others write to', () => {
  test('that is a link is not followed, by no sweep and no deletion', async () => {
    await mkdir(join(outside, 'aaaaaaaaaaaa', 'model'), { recursive: true });
    await symlink(outside, join(root, TRASH));
    await trash.sweep(root);
    expect(await letters()).toBe('precious');
    expect(await readdir(join(outside, 'aaaaaaaaaaaa'))).toEqual(['model']);
    const from = join(root, 'a model');
    await mkdir(from);
    await expect(trash.put(root, { ref: 'a', name: 'a', from })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await readdir(root)).toContain('a model');
  });

  test('an entry that is a link is left alone, with what it leads to', async () => {
    await mkdir(join(root, TRASH));
    await symlink(outside, join(root, TRASH, 'aaaaaaaaaaaa'));
    await trash.sweep(root);
    expect(await letters()).toBe('precious');
  });

  test('files of a model that are links go, and what they lead to stays', async () => {
    const folder = join(root, TRASH, 'aaaaaaaaaaaa');
    await mkdir(folder, { recursive: true });
    await symlink(outside, join(folder, 'model'));
    await trash.sweep(root);
    expect(await letters()).toBe('precious');
    expect(await readdir(root)).not.toContain(TRASH);
  });

  test('names and files that it never gives stay', async () => {
    await plant('my notes', { 'notes.txt': 'keep' });
    await plant('bbbbbbbbbbbb', { 'notes.txt': 'keep' });
    await trash.sweep(root);
    expect((await readdir(join(root, TRASH))).sort()).toEqual(['bbbbbbbbbbbb', 'my notes']);
  });

  test('an entry that names a place outside cannot be put back there', async () => {
    await symlink(outside, join(root, 'away'));
    const places = [
      join(outside, 'new'),
      join(root, '..', 'letters', 'new'),
      join(root, 'away', 'new'),
    ];
    for (const from of places) {
      await plant('cccccccccccc', { 'entry.json': entry(from) });
      await trash.sweep(root);
      await expect(trash.undo('org/name')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await readdir(outside)).toEqual(['dear.txt']);
  });

  test("what a manager left that was killed while it wrote there is no other program's", async () => {
    const folder = await plant('cccccccccccc', { 'entry.json.tmp-123-0123456789ab': '{' });
    await trash.sweep(root);
    expect(await readdir(root)).not.toContain(TRASH);
    expect(await readdir(folder).catch(() => 'gone')).toBe('gone');
  });

  test('what a manager that was killed left can be put back', async () => {
    const from = join(root, 'org', 'name');
    await plant('dddddddddddd', { 'entry.json': entry(from), 'model/weights': 'w' });
    await trash.sweep(root);
    await trash.undo('org/name');
    expect(await readFile(join(from, 'weights'), 'utf8')).toBe('w');
  });
});

describe('an undo', () => {
  test('right after its time began anew brings the model back, over and over', async () => {
    const from = join(root, 'model');
    for (let round = 0; round < 50; round++) {
      await mkdir(from);
      await writeFile(join(from, 'config.json'), '{}');
      await trash.put(root, { ref: 'model', name: 'model', from });
      // As a toast does that takes the focus and the key in one moment.
      const held = trash.extend('model');
      await Promise.all([held, trash.undo('model')]);
      expect(await readdir(from)).toEqual(['config.json']);
      await rm(from, { recursive: true });
      expect(await readdir(root)).toEqual([]);
    }
  });
});
