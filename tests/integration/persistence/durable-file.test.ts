import {
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { writeFileDurably } from '@core/storage/durable-file';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { createDocumentStore } from '@host/document-store';

let home: TempHome;
let file: string;
beforeEach(async () => {
  home = await createTempHome();
  await mkdir(home.paths.home, { recursive: true });
  file = join(home.paths.home, 'profiles.json');
});
afterEach(() => home.close());

test('writes bytes as they are, for the user alone, and leaves no draft', async () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe, 0x0a]);
  await writeFileDurably(file, bytes);
  expect(await readFile(file)).toEqual(bytes);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(home.paths.home)).toEqual(['profiles.json']);
});

test('a file that cannot be replaced keeps what it is, and no draft is left', async () => {
  await mkdir(join(file, 'inside'), { recursive: true });
  await expect(writeFileDurably(file, 'x')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(home.paths.home)).toEqual(['profiles.json']);
  expect(await readdir(file)).toEqual(['inside']);
});

test('a link stays a link and what it points at is replaced', async () => {
  const elsewhere = join(home.folder, 'synced.json');
  await writeFile(elsewhere, 'old');
  await symlink(elsewhere, file);
  await writeFileDurably(file, 'new');
  expect((await lstat(file)).isSymbolicLink()).toBe(true);
  expect(await readlink(file)).toBe(elsewhere);
  expect(await readFile(elsewhere, 'utf8')).toBe('new');
});

test('many writes at once leave one whole file', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(5000));
  await Promise.all(texts.map((text) => writeFileDurably(file, text)));
  expect(texts).toContain(await readFile(file, 'utf8'));
  expect(await readdir(home.paths.home)).toEqual(['profiles.json']);
});

test.skipIf(process.getuid?.() !== 0)(
  'root leaves a file to the person it belongs to (needs root)',
  async () => {
    await writeFile(file, 'old');
    await chown(file, 12_345, 12_345);
    await writeFileDurably(file, 'new');
    expect(await stat(file)).toMatchObject({ uid: 12_345, gid: 12_345 });
  },
);

test('a store writes tab-indented JSON, makes its folder, and sweeps what killed writers left', async () => {
  const folder = join(home.folder, 'new folder');
  const store = createDocumentStore(folder, 'profiles');
  expect(await store.read()).toBeUndefined();
  await store.write({ version: 1 });
  expect(await readFile(store.path, 'utf8')).toBe('{\n\t"version": 1\n}');
  const left = [`${store.path}.tmp-1-00aa11`, `${store.path}.tmp-1234567890abcdef`];
  for (const draft of left) await writeFile(draft, '{"ver');
  await writeFile(join(folder, 'settings.json.tmp-1-00'), 'of another document');
  await createDocumentStore(folder, 'profiles').write({ version: 2 });
  expect((await readdir(folder)).sort()).toEqual(['profiles.json', 'settings.json.tmp-1-00']);
});
