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

import { removeLeftDrafts, sweepDrafts, writeFileDurably } from '@core/storage/durable-file';
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

test('a store writes tab-indented JSON and makes its folder', async () => {
  const folder = join(home.folder, 'new folder');
  const store = createDocumentStore(folder, 'profiles');
  expect(await store.read()).toBeUndefined();
  await store.write({ version: 1 });
  expect(await readFile(store.path, 'utf8')).toBe('{\n\t"version": 1\n}');
});

test('what killed writers left is swept, whoever wrote it, and nothing else', async () => {
  const { home: folder } = home.paths;
  const logs = join(folder, 'logs', 'aprofile');
  await mkdir(logs, { recursive: true });
  const left = [
    `profiles.json.tmp-1-00aa11bb22cc`,
    // A process before this one that had the same number, as in a container.
    `profiles.json.tmp-${process.pid}-00aa11bb22cc`,
    'desktop.json.tmp-1234567890abcdef',
    'aprofile.server.json.1234567890',
    'token.7',
    'logs/aprofile/3.failure.json.42',
  ];
  const kept = [
    'profiles.json',
    'profiles.corrupt-2026-11-23T10-00-00.000Z.json',
    'notes.tmp-mine',
    'logs/aprofile/3.log.1',
  ];
  for (const name of [...left, ...kept]) await writeFile(join(folder, name), '{"ver');
  await mkdir(join(folder, 'a folder.json.1'));
  expect(await sweepDrafts(folder, 2)).toBe(left.length);
  const there = await readdir(folder, { recursive: true });
  expect(there).toEqual(expect.arrayContaining([...kept, 'a folder.json.1']));
  for (const name of left) expect(there).not.toContain(name);
});

test('a sweep leaves what is being written now', async () => {
  const writes = Array.from({ length: 20 }, () => writeFileDurably(file, 'x'.repeat(100_000)));
  let swept = 0;
  for (let round = 0; round < 20; round++) swept += await sweepDrafts(home.paths.home);
  await expect(Promise.all(writes)).resolves.toHaveLength(20);
  expect(swept).toBe(0);
});

test('beside a file that others write too, only the drafts of processes that are gone go', async () => {
  const others = [`${file}.tmp-1-00aa11bb22cc`, `${file}.1`, `${file}x.tmp-999999999-00aa11bb22cc`];
  const gone = [`${file}.tmp-999999999-00aa11bb22cc`, `${file}.tmp-${process.pid}-00aa11bb22cc`];
  for (const draft of [...others, ...gone]) await writeFile(draft, '');
  await removeLeftDrafts(file);
  const there = (await readdir(home.paths.home)).map((name) => join(home.paths.home, name));
  expect(there.sort()).toEqual(others.sort());
});
