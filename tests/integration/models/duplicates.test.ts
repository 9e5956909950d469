import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { createLibrary, type LibraryHarness } from '@fixtures/library-harness';
import { writeHashedModel } from '@fixtures/hashed-model';
import { safetensorsFile, writeModel } from '@fixtures/model-files';
import { afterEach, beforeEach, expect, test } from 'vitest';

const run = promisify(execFile);
const WEIGHTS = { 'model.safetensors': safetensorsFile(200_000) };
const SIZE = WEIGHTS['model.safetensors'].length;

let harness: LibraryHarness;
beforeEach(async () => {
  harness = await createLibrary();
});
afterEach(() => harness.close());

const at = (...parts: string[]): string => path.join(harness.root, ...parts);
const copies = async () =>
  Object.fromEntries(
    (await harness.library.list()).flatMap(({ ref, copies: found }) =>
      found ? [[ref, found.map((copy) => [copy.ref, copy.sizeBytes])]] : [],
    ),
  );

/** A disk with Btrfs or XFS in a file; the reason where that cannot be had. */
async function cloningDisk(): Promise<{ folder: string; close(): Promise<void> } | string> {
  if (process.platform !== 'linux' || process.geteuid?.() !== 0) return 'needs Linux and root';
  const base = await mkdtemp(path.join(tmpdir(), 'mm-clone-'));
  const image = path.join(base, 'disk.img');
  const folder = path.join(base, 'disk');
  await mkdir(folder);
  await (await open(image, 'w')).close();
  await truncate(image, 400_000_000);
  try {
    await run('mkfs.btrfs', ['-q', image]).catch(() =>
      run('mkfs.xfs', ['-q', '-m', 'reflink=1', image]),
    );
    await run('mount', ['-o', 'loop', image, folder]);
  } catch (error) {
    await rm(base, { recursive: true });
    return `a file system with clones cannot be had here: ${String(error).split('\n')[0]}`;
  }
  return {
    folder,
    async close() {
      await run('umount', ['-l', folder]);
      await rm(base, { recursive: true, force: true });
    },
  };
}

test('the same weights in two places: by the name of the blob and one look at the other', async () => {
  await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
  const other = at('.lmstudio', 'models', 'org', 'name');
  await writeModel(other, WEIGHTS);
  await writeModel(at('.lmstudio', 'models', 'org', 'else'), {
    'model.safetensors': safetensorsFile(200_001),
  });
  await harness.library.start();
  await expect.poll(copies).toEqual({ 'org/name': [[other, SIZE]], [other]: [['org/name', SIZE]] });
  expect(harness.hashed).toEqual([path.join(other, 'model.safetensors')]);
  const shown = await harness.library.show(other);
  expect(shown.copies?.[0]).toMatchObject({ origin: 'huggingface', usedBy: [] });
  // What was read once is known after a start, and read again only when it changed.
  await harness.again();
  await harness.library.start();
  await expect.poll(copies).toHaveProperty(other);
  expect(harness.hashed).toHaveLength(1);
});

test('the same size and header with another value is no copy', async () => {
  const changed = Buffer.from(WEIGHTS['model.safetensors']);
  changed.writeUInt8(0, changed.length - 5);
  await writeModel(at('mine', 'a'), WEIGHTS);
  await writeModel(at('mine', 'b'), { 'model.safetensors': changed });
  harness.added.push(at('mine'));
  await harness.library.start();
  await expect.poll(() => harness.hashed.length).toBe(2);
  await harness.library.stopReading();
  expect(await copies()).toEqual({});
});

test('hard links cost nothing and are not read', async () => {
  await writeModel(at('mine', 'a'), WEIGHTS);
  await writeModel(at('mine', 'b'), { 'model.safetensors': undefined });
  await writeModel(at('mine', 'c'), WEIGHTS);
  const name = 'model.safetensors';
  await link(at('mine', 'a', name), at('mine', 'b', name));
  harness.added.push(at('mine'));
  await harness.library.start();
  await expect.poll(copies).toHaveProperty(at('mine', 'c'));
  expect(await copies()).toEqual({
    [at('mine', 'a')]: [[at('mine', 'c'), SIZE]],
    [at('mine', 'b')]: [[at('mine', 'c'), SIZE]],
    [at('mine', 'c')]: [
      [at('mine', 'a'), SIZE],
      [at('mine', 'b'), SIZE],
    ],
  });
});

test('a copy is deleted, the other one stays; where nothing can be shared that is said', async () => {
  await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
  const other = at('.lmstudio', 'models', 'org', 'name');
  await writeModel(other, WEIGHTS);
  await harness.library.start();
  await expect.poll(copies).toHaveProperty(other);
  const reason = (await harness.library.show(other)).copies?.[0]?.cannotShare;
  if (reason !== undefined) {
    expect(reason).toContain("can't share");
    await expect(harness.library.share(other, 'org/name')).rejects.toMatchObject({
      code: 'conflict',
      message: reason,
    });
  }
  expect((await harness.library.delete(other, true)).freedBytes).toBeGreaterThan(SIZE);
  expect(await copies()).toEqual({});
  expect((await harness.library.show('org/name')).complete).toBe(true);
});

test('where files can be cloned both stay and the bytes are on disk once', async ({ skip }) => {
  const disk = await cloningDisk();
  if (typeof disk === 'string') return skip(disk);
  try {
    // Large enough that the file system does not keep it among its own records.
    const weights = { 'model.safetensors': safetensorsFile(40_000_000) };
    const size = weights['model.safetensors'].length;
    const [a, b] = [path.join(disk.folder, 'a'), path.join(disk.folder, 'b')];
    await writeModel(a, weights);
    await writeModel(b, weights);
    harness.added.push(disk.folder);
    await harness.library.start();
    await expect.poll(copies).toHaveProperty(b);
    expect((await harness.library.show(b)).copies?.[0]).not.toHaveProperty('cannotShare');
    harness.running.set(b, ['Chat']);
    await expect(harness.library.share(b, a)).rejects.toMatchObject({ code: 'in_use' });
    harness.running.clear();

    const file = path.join(b, 'model.safetensors');
    const before = await stat(file);
    await run('sync', []);
    const used = await usedBytes(disk.folder);
    expect(await harness.library.share(b, a)).toEqual({ freedBytes: size });
    await run('sync', []);
    expect(used - (await usedBytes(disk.folder))).toBeGreaterThan(size * 0.9);
    expect((await readFile(file)).equals(weights['model.safetensors'])).toBe(true);
    const after = await stat(file);
    expect(after.ino).not.toBe(before.ino);
    expect(Math.floor(after.mtimeMs)).toBe(Math.floor(before.mtimeMs));
    await expect.poll(copies).toEqual({});
    await harness.again();
    await harness.library.start();
    await harness.library.list();
    expect(await copies()).toEqual({});
  } finally {
    await harness.library.stop();
    await disk.close();
  }
});

async function usedBytes(folder: string): Promise<number> {
  const { stdout } = await run('df', ['--output=used', '-B1', folder]);
  return Number(stdout.trim().split('\n').at(-1));
}
