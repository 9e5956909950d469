import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '@core/ports/clock';
import { placeSnapshot, placesOf } from '@core/downloads/cache-layout';
import {
  createDownloadHarness,
  type DownloadHarness,
  modelRepo,
  repoHashes,
  snapshotHashes,
} from '@fixtures/download-harness';
import { hubFile, type HubRepo, newRepo } from '@fixtures/fake-hub/repos';
import { mountFolder } from '@fixtures/mounts';
import { afterEach, describe, expect, test } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';
const FOLDER = 'models--mlx-community--Tiny-4bit';

const harnesses: DownloadHarness[] = [];
let harness: DownloadHarness;
afterEach(async () => {
  for (const one of harnesses.splice(0).reverse()) await one.close();
});

async function open(...args: Parameters<typeof createDownloadHarness>): Promise<DownloadHarness> {
  const opened = await createDownloadHarness(...args);
  harnesses.push(opened);
  return opened;
}

function hashes(repo: HubRepo, cache = harness.cache): Promise<Record<string, string>> {
  return snapshotHashes(path.join(cache, FOLDER, 'snapshots', repo.commits.at(-1)?.id ?? ''));
}

const start = async (revision = 'main'): Promise<string> =>
  (await harness.service.start({ ref: REF, revision })).id;

const job = (id: string) => harness.service.list().find((one) => one.id === id);

function sent(): number {
  return [...harness.hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
}

async function begun(more = 1_000_000): Promise<string> {
  harness.hub.bytesPerSecond ??= 10_000_000;
  const id = await start();
  await harness.waitFor('bytes have come', () => (job(id)?.bytes ?? 0) > more);
  return id;
}

test('empty files, files with the same content, and the longest names', async () => {
  const longest = `${'ü'.repeat(125)}.json`;
  const extra = await Promise.all([
    hubFile('empty.txt', ''),
    hubFile('deep/er/empty.txt', ''),
    hubFile('copy.safetensors', Buffer.alloc(2_000_000, 1)),
    hubFile('copy-of-it.safetensors', Buffer.alloc(2_000_000, 1)),
    hubFile(longest, '{}'),
  ]);
  const repo = await modelRepo(REF, { extra });
  harness = await open({ repos: [repo] });
  const done = await harness.until(await start(), 'done', 'failed');
  const unique = 3_000_000 + 2_000_000;
  expect(done).toMatchObject({ state: 'done', files: { total: 11, verified: 11 } });
  expect(done.bytes).toBe(done.total);
  expect(Math.abs(done.total - unique)).toBeLessThan(10_000);
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect(sent()).toBe(done.total);
});

test.for([
  ['by case', 'Notes.json', 'notes.JSON'],
  ['by the way letters are composed', 'caf\u00e9.json', 'cafe\u0301.json'],
  ['by a letter that has two small forms', 'mas\u017f.json', 'mass.json'],
])('two names that differ only %s are refused, not lost', async ([, a = '', b = '']) => {
  const extra = [await hubFile(a, '{"a":1}'), await hubFile(b, '{"b":1}')];
  harness = await open({ repos: [await modelRepo(REF, { extra })] });
  const failed = await harness.until(await start(), 'done', 'failed');
  expect(failed).toMatchObject({ state: 'failed', failure: { code: 'unsafe_name' } });
});

test('a host that compresses the file is named', async () => {
  harness = await open({ repos: [await modelRepo(REF)] });
  harness.hub.plan = ({ kind, file }) =>
    kind !== 'api' && file === 'config.json' ? { kind: 'encoded', as: 'gzip' } : undefined;
  const failed = await harness.until(await start(), 'done', 'failed');
  expect(failed.failure).toMatchObject({ code: 'bad_hash' });
  expect(failed.failure?.message).toMatch(/sends config\.json compressed \(gzip\)/);
});

test('an endpoint by the name localhost, and what it redirects to', async () => {
  const repo = await modelRepo(REF);
  const other = await open({ repos: [repo] });
  const url = other.hub.url.replace('127.0.0.1', 'localhost');
  harness = await open({ repos: [], env: { HF_ENDPOINT: `${url}/` } });
  await harness.until(await start(), 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});

describe('the cache:', () => {
  test('its folder disappears in the middle: said, and a new try brings it', async () => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    harness = await open({ repos: [repo] });
    const id = await begun();
    await rm(path.join(harness.cache, FOLDER), { recursive: true });
    harness.hub.bytesPerSecond = undefined;
    const failed = await harness.until(id, 'done', 'failed');
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'not_found' } });
    expect(failed.failure?.message).toMatch(/was removed during the download/);
    await harness.service.resume(id);
    await harness.until(id, 'done');
    expect(await hashes(repo)).toEqual(repoHashes(repo));
  });

  test('a proven file disappears before the end: it is fetched again', async () => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    harness = await open({ repos: [repo] });
    const id = await begun();
    const config = repo.commits[0]?.files.get('config.json')?.oid ?? '';
    const blob = path.join(harness.cache, FOLDER, 'blobs', config);
    await harness.waitFor('the config is proven', () => existsSync(blob));
    await rm(blob);
    harness.hub.bytesPerSecond = undefined;
    expect(await harness.until(id, 'done', 'failed')).toMatchObject({ state: 'done' });
    expect(await hashes(repo)).toEqual(repoHashes(repo));
  });

  test('on another disk than the jobs', async ({ skip }) => {
    const repo = await modelRepo(REF);
    const disk = await mountFolder('size=32m');
    if (typeof disk === 'string') return skip(disk);
    harness = await open({ repos: [repo], cache: path.join(disk.folder, 'hub') });
    try {
      await harness.until(await start(), 'done');
      expect(await hashes(repo)).toEqual(repoHashes(repo));
    } finally {
      await harness.service.stop();
      await disk.close();
    }
  });

  test('shared by two managers that fetch the same model at once: one copy', async () => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    harness = await open({ repos: [repo] });
    const second = await open({ env: { HF_ENDPOINT: harness.hub.url }, cache: harness.cache });
    harness.hub.bytesPerSecond = 10_000_000;
    const id = await start();
    const { id: other } = await second.service.start({ ref: REF, revision: 'main' });
    await Promise.all([harness.until(id, 'done'), second.until(other, 'done')]);
    expect(await hashes(repo)).toEqual(repoHashes(repo));
    for (const { path: name, size } of repo.commits[0]?.files.values() ?? []) {
      expect(harness.hub.sent.get(name) ?? 0, name).toBeLessThanOrEqual(size);
    }
    const blobs = await readdir(path.join(harness.cache, FOLDER, 'blobs'));
    expect(blobs.filter((name) => name.includes('incomplete'))).toEqual([]);
  });
});

test('two programs that show the same files at the same moment do not hinder each other', async () => {
  harness = await open();
  const etag = 'a'.repeat(64);
  const places = placesOf(harness.cache, REF);
  await mkdir(places.blobs, { recursive: true });
  await writeFile(places.blob(etag), 'x');
  const files = Array.from({ length: 300 }, (_, at) => ({ path: `${at}.json`, size: 1, etag }));
  const commit = 'c'.repeat(40);
  const show = () => placeSnapshot(places, commit, commit, files);
  await Promise.all([show(), show(), show()]);
  expect(await readdir(places.snapshot(commit))).toHaveLength(300);
});

describe('two jobs of one model:', () => {
  async function twoRevisions(): Promise<HubRepo> {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    repo.refs.set('v1', repo.commits[0]?.id ?? '');
    return repo;
  }

  test('share what each of them brings', async () => {
    const repo = await twoRevisions();
    harness = await open({ repos: [repo] });
    harness.hub.bytesPerSecond = 10_000_000;
    const ids = [await start(), await start('v1')];
    for (const id of ids) await harness.until(id, 'done');
    expect(await hashes(repo)).toEqual(repoHashes(repo));
    expect(sent()).toBeLessThanOrEqual(job(ids[0] ?? '')?.total ?? 0);
  });

  test('one that is cancelled takes nothing from the other', async () => {
    const repo = await twoRevisions();
    harness = await open({ repos: [repo] });
    harness.hub.bytesPerSecond = 6_000_000;
    const first = await start();
    const second = await start('v1');
    await harness.waitFor('the other has proven something', () => {
      return (job(second)?.files.verified ?? 0) >= 3;
    });
    harness.hub.forget();
    await harness.service.cancel(first);
    await harness.until(second, 'done');
    expect(await hashes(repo)).toEqual(repoHashes(repo));
    expect(harness.hub.sent.get('config.json')).toBeUndefined();
  });
});

describe('at an awkward moment:', () => {
  test('paused while it is proven: at once, and nothing comes again', async () => {
    const content = Buffer.alloc(300_000_000);
    const repo = newRepo(REF, [
      await hubFile('config.json', '{}'),
      await hubFile('model.safetensors', content),
    ]);
    harness = await open({ repos: [repo] });
    const last = content.length - 1;
    // The last bytes are held back until all others are there.
    harness.hub.plan = ({ kind, range }) =>
      kind === 'cdn' && range?.endsWith(`-${last}`) ? { kind: 'stall', after: 0 } : undefined;
    const id = await start();
    await harness.waitFor('the rest is there', () => (job(id)?.bytes ?? 0) > content.length - 17e6);
    await harness.service.pause(id);
    harness.hub.plan = () => undefined;
    await harness.service.resume(id);
    // All of it is now read once more for its hash.
    await harness.waitFor('it is being proven', () => job(id)?.state === 'verifying');
    expect(await harness.service.pause(id)).toMatchObject({
      state: 'paused',
      files: { verified: 1 },
      bytes: content.length + 2,
    });
    harness.hub.forget();
    await harness.service.resume(id);
    await harness.until(id, 'done');
    expect(sent()).toBe(0);
  });

  test.for([0, 1, 5, 20, 60])(
    'cancelled %i ms after its beginning: nothing is left',
    async (ms) => {
      harness = await open({ repos: [await modelRepo(REF)] });
      const id = await start();
      // Fixed wait: the moments of a beginning are what is looked through.
      await sleep(ms);
      await harness.service.cancel(id);
      expect(harness.service.list()).toEqual([]);
      await expect(stat(path.join(harness.cache, FOLDER, 'blobs'))).rejects.toThrow('ENOENT');
      expect(
        await readdir(path.join(harness.home.paths.home, 'downloads')).catch(() => []),
      ).toEqual([]);
      expect(harness.log.filter((line) => line.startsWith('error'))).toEqual([]);
    },
  );

  test('a process that does not run for a while reads what has come meanwhile', async () => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    harness = await open({ repos: [repo], stallMs: 400 });
    const id = await begun();
    // Fixed wait: the process stands still, for longer than a connection may.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    await harness.until(id, 'done');
    expect(harness.log.filter((line) => line.includes('StallError'))).toEqual([]);
    expect(await hashes(repo)).toEqual(repoHashes(repo));
  });

  test.for([
    ['a day forward', 86_400_000, 0],
    ['a day back', -86_400_000, 0],
    ['an hour of sleep', 3_600_000, 3_600_000],
  ] as const)('the clock jumps %s', async ([, wall, monotonic]) => {
    const repo = await modelRepo(REF, { weights: 12_000_000 });
    let [now, steady] = [0, 0];
    const clock = {
      ...systemClock,
      now: () => systemClock.now() + now,
      monotonic: () => systemClock.monotonic() + steady,
    };
    harness = await open({ repos: [repo], clock });
    const id = await begun();
    [now, steady] = [wall, monotonic];
    harness.hub.bytesPerSecond = undefined;
    expect(await harness.until(id, 'done', 'failed')).toMatchObject({ state: 'done' });
    expect(await hashes(repo)).toEqual(repoHashes(repo));
  });
});
