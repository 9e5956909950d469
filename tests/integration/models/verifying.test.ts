import { open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { createLibrary, hashOf, type LibraryHarness } from '@fixtures/library-harness';
import { etagOf, writeHashedModel } from '@fixtures/hashed-model';
import { modelFiles, safetensorsFile, writeModel } from '@fixtures/model-files';
import type { Download } from '@shared/domain/download';
import { VerifyJob } from '@shared/domain/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let harness: LibraryHarness;
beforeEach(async () => {
  harness = await createLibrary();
});
afterEach(() => harness.close());

const at = (...parts: string[]): string => path.join(harness.root, ...parts);
const WEIGHTS = { 'model.safetensors': safetensorsFile(50_000) };

/** The job when it has ended. */
async function ended(ref: string): Promise<VerifyJob> {
  const job = () => harness.library.jobs().find((one) => one.ref === ref);
  await expect.poll(() => job()?.state).not.toBe('running');
  return VerifyJob.parse(job());
}

/** One bit in the middle of the values: the header and the size stay. */
async function flipBit(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, size - 1000);
  byte[0] = (byte[0] ?? 0) ^ 1;
  await handle.write(byte, 0, 1, size - 1000);
  await handle.close();
}

describe('a model of the cache', () => {
  test('whole: every file has the hash that names it', async () => {
    await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    const first = await harness.library.verify('org/name');
    expect(first).toMatchObject({ state: 'running', by: 'hashes', files: { done: 0, total: 3 } });
    expect(await harness.library.verify('org/name')).toMatchObject({ startedAt: first.startedAt });
    const job = await ended('org/name');
    expect(job).toMatchObject({ state: 'done', bad: [], files: { done: 3, total: 3 } });
    expect(job.bytes).toBe(job.total);
    expect(harness.jobs.length).toBeGreaterThan(3);
    const { verified, state } = await harness.library.show('org/name');
    expect(verified).toMatchObject({ by: 'hashes', files: 3, bad: [] });
    expect(state).toBe('complete');
    await harness.again();
    expect((await harness.library.show('org/name')).verified?.files).toBe(3);
  });

  test('one flipped bit of 50,000 bytes is found, stays known, and the model is not offered', async () => {
    const { blob } = await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    await flipBit(blob('model.safetensors'));
    expect((await harness.library.show('org/name')).complete).toBe(true);
    await harness.library.verify('org/name');
    expect((await ended('org/name')).bad).toEqual([
      { file: 'model.safetensors', problem: "doesn't match what was published" },
    ]);
    const expected = {
      state: 'damaged',
      complete: false,
      damaged: { files: 1, of: 3, bytes: WEIGHTS['model.safetensors'].length },
      missing: [expect.stringContaining('model.safetensors')],
      verified: { bad: ['model.safetensors'] },
    };
    expect(await harness.library.show('org/name')).toMatchObject(expected);
    expect((await harness.library.resolve('org/name'))?.model.complete).toBe(false);
    await harness.again();
    expect((await harness.library.list()).at(-1)).toMatchObject(expected);
    await flipBit(blob('model.safetensors'));
    await harness.library.rescan();
    expect(await harness.library.show('org/name')).toMatchObject({ state: 'complete' });
  });

  test('a flipped bit in a small file is found by the hash of git', async () => {
    const { blob } = await writeHashedModel(harness.hub, 'org/name', {
      'config.json': `${modelFiles()[0]?.[1]}${' '.repeat(2000)}`,
    });
    const text = await readFile(blob('config.json'), 'utf8');
    await writeFile(blob('config.json'), `${text.slice(0, -1)}\n`);
    await harness.library.verify('org/name');
    expect((await ended('org/name')).bad.map(({ file }) => file)).toEqual(['config.json']);
  });

  test('copies instead of links are compared with the list of the commit', async () => {
    const { snapshot, folder } = await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    const files: Record<string, object> = {};
    for (const [name, content] of modelFiles(WEIGHTS)) {
      await rm(path.join(snapshot, name));
      await writeFile(path.join(snapshot, name), content);
      const key = name.endsWith('.safetensors') ? 'lfs_sha256' : 'blob_id';
      files[name] = { size: content.length, [key]: etagOf(name, content) };
    }
    await mkdir(path.join(folder, 'trees'));
    const trees = path.join(folder, 'trees', `${path.basename(snapshot)}.json`);
    await writeFile(trees, JSON.stringify({ format_version: 1, files }));
    await flipBit(path.join(snapshot, 'model.safetensors'));
    await harness.library.verify('org/name');
    expect(await ended('org/name')).toMatchObject({
      by: 'hashes',
      files: { total: 3 },
      bad: [{ file: 'model.safetensors' }],
    });
  });
});

describe('a plain folder', () => {
  test('without hashes only the structure is looked at, and that is said', async () => {
    // A list judges a tokenizer of this size by its ends; what no engine loads may hold anything.
    const tokenizer = `{"vocab": ${'x'.repeat(600_000)}}`;
    await writeModel(at('mine', 'a'), {
      ...WEIGHTS,
      'tokenizer.json': tokenizer,
      'extra.json': '{',
    });
    harness.added.push(at('mine'));
    await harness.library.rescan();
    await harness.library.verify(at('mine', 'a'));
    expect(await ended(at('mine', 'a'))).toMatchObject({
      by: 'structure',
      bad: [{ file: 'tokenizer.json', problem: "is damaged: it isn't valid JSON" }],
      files: { done: 4, total: 4 },
    });
    const model = (await harness.library.list()).find(({ ref }) => ref === at('mine', 'a'));
    expect(model).toMatchObject({
      state: 'damaged',
      missing: ["tokenizer.json is damaged: it isn't valid JSON"],
    });
  });

  test('that "hf download" filled is compared with what it recorded', async () => {
    const folder = at('mine', 'a');
    await writeModel(folder, WEIGHTS);
    const record = path.join(folder, '.cache', 'huggingface', 'download');
    await mkdir(record, { recursive: true });
    const lines = ['c'.repeat(40), etagOf('model.safetensors', WEIGHTS['model.safetensors']), '1'];
    await writeFile(path.join(record, 'model.safetensors.metadata'), `${lines.join('\n')}\n`);
    harness.added.push(at('mine'));
    await harness.library.rescan();
    await harness.library.verify(folder);
    expect(await ended(folder)).toMatchObject({ by: 'hashes', bad: [], files: { total: 1 } });
    await flipBit(path.join(folder, 'model.safetensors'));
    await harness.library.verify(folder);
    expect((await ended(folder)).bad).toHaveLength(1);
  });
});

test('it can be cancelled, keeps others from changing the files, and one goes after the other', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await harness.close();
  harness = await createLibrary({
    hashFile: async (file, etag, size, { signal, onProgress }) => {
      onProgress?.(size / 2);
      const stopped = new Promise<never>((_, reject) =>
        signal?.addEventListener('abort', () => reject(signal.reason)),
      );
      await Promise.race([held, stopped]);
      return hashOf(file, etag, size);
    },
  });
  await writeHashedModel(harness.hub, 'org/a', WEIGHTS);
  await writeHashedModel(harness.hub, 'org/b', WEIGHTS);
  await harness.library.verify('org/a');
  await harness.library.verify('org/b');
  await expect
    .poll(() => harness.jobs.some(({ bytes, state }) => bytes > 0 && state === 'running'))
    .toBe(true);
  expect(harness.jobs.filter(({ ref, bytes }) => ref === 'org/b' && bytes > 0)).toEqual([]);
  await expect(harness.library.delete('org/a', true)).rejects.toMatchObject({
    code: 'in_use',
    data: { verifying: true },
  });
  await harness.library.cancelVerify('org/a');
  expect((await ended('org/a')).state).toBe('cancelled');
  expect((await harness.library.show('org/a')).verified).toBeUndefined();
  await expect(harness.library.cancelVerify('org/a')).rejects.toMatchObject({ code: 'not_found' });
  release();
  expect((await ended('org/b')).state).toBe('done');
  await harness.library.delete('org/a', true);
});

describe('repair', () => {
  const started: { ref: string; revision: string }[] = [];
  const download = { id: 'd', ref: 'org/name', state: 'queued' } as Download;
  beforeEach(async () => {
    started.length = 0;
    await harness.close();
    harness = await createLibrary({
      startDownload: async (ref, revision) => {
        started.push({ ref, revision });
        if (ref === 'org/offline') throw new Error('no network');
        return download;
      },
    });
  });

  test('takes away only what is bad, and has the same commit fetched', async () => {
    const { blob, folder, snapshot } = await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    await flipBit(blob('model.safetensors'));
    await harness.library.verify('org/name');
    await ended('org/name');
    expect(await harness.library.repair('org/name')).toEqual(download);
    expect(started).toEqual([{ ref: 'org/name', revision: path.basename(snapshot) }]);
    const left = await readdir(path.join(folder, 'blobs'));
    expect(left.sort()).toEqual(
      [path.basename(blob('config.json')), path.basename(blob('tokenizer.json'))].sort(),
    );
  });

  test('takes a file that is cut off without a verification, and a link but not what others share', async () => {
    const { blob } = await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    const store = at('store');
    await mkdir(store);
    const payload = path.join(store, 'payload');
    await writeFile(payload, WEIGHTS['model.safetensors'].subarray(0, 900));
    await rm(blob('model.safetensors'));
    await symlink(payload, blob('model.safetensors'));
    await harness.library.repair('org/name');
    expect(await readdir(store)).toEqual(['payload']);
    await expect(readFile(blob('model.safetensors'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('puts everything back where the download cannot begin', async () => {
    const { blob, folder } = await writeHashedModel(harness.hub, 'org/offline', WEIGHTS);
    await flipBit(blob('model.safetensors'));
    await harness.library.verify('org/offline');
    await ended('org/offline');
    const before = await readdir(path.join(folder, 'blobs'));
    await expect(harness.library.repair('org/offline')).rejects.toThrow('no network');
    expect(await readdir(path.join(folder, 'blobs'))).toEqual(before);
    expect((await harness.library.show('org/offline')).state).toBe('damaged');
  });

  test('is only for what comes from the hub, and not for what runs', async () => {
    await writeModel(at('mine', 'a'));
    harness.added.push(at('mine'));
    await expect(harness.library.repair(at('mine', 'a'))).rejects.toMatchObject({
      code: 'conflict',
    });
    await writeHashedModel(harness.hub, 'org/name', WEIGHTS);
    harness.running.set('org/name', ['Chat']);
    await expect(harness.library.repair('org/name')).rejects.toMatchObject({ code: 'in_use' });
    expect(started).toEqual([]);
  });
});
