import { spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createDownloadHarness,
  type DownloadHarness,
  modelRepo,
  repoHashes,
  snapshotHashes,
} from '@fixtures/download-harness';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { afterEach, expect, test } from 'vitest';

let harness: DownloadHarness;
afterEach(() => harness.close());

const A = 'mlx-community/A-4bit';
const B = 'mlx-community/B-4bit';
const C = 'mlx-community/C-4bit';

function folderOf(ref: string): string {
  return path.join(harness.cache, `models--${ref.replace('/', '--')}`);
}

function hashes(repo: HubRepo): Promise<Record<string, string>> {
  return snapshotHashes(path.join(folderOf(repo.id), 'snapshots', repo.commits[0]?.id ?? ''));
}

function job(id: string) {
  const found = harness.service.list().find((one) => one.id === id);
  if (!found) throw new Error(`There is no job ${id}.`);
  return found;
}

function sent(): number {
  return [...harness.hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** A download that has brought some of its bytes. */
async function begun(repo: HubRepo): Promise<string> {
  harness.hub.bytesPerSecond = 10_000_000;
  const { id } = await harness.service.start({ ref: repo.id, revision: 'main' });
  await harness.waitFor('bytes have come', () => job(id).bytes > 2_000_000);
  return id;
}

test('paused and gone on with: what was there is not fetched again', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  const id = await begun(repo);
  expect(await harness.service.pause(id)).toMatchObject({ state: 'paused' });
  const { bytes, total } = job(id);
  expect(bytes).toBeGreaterThan(2_000_000);
  harness.hub.forget();
  // Fixed wait: nothing may be asked for in it.
  await sleep(200);
  expect(harness.hub.requests).toEqual([]);
  harness.hub.bytesPerSecond = undefined;
  await harness.service.resume(id);
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(total - bytes + total * 0.02);
});

test('gone on with: it is never said to have brought less than it has', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  const id = await begun(repo);
  await harness.service.pause(id);
  const { bytes } = job(id);
  const seen: number[] = [];
  await harness.service.resume(id);
  // Each turn of the loop: what is known only for a moment counts.
  while ((seen.at(-1) ?? 0) <= bytes) {
    seen.push(job(id).bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(Math.min(...seen)).toBe(bytes);
  await harness.service.pause(id);
});

test('failed before it could look what is there: nothing of that is removed', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  const id = await begun(repo);
  await harness.service.pause(id);
  const { bytes, total } = job(id);
  const names = await readdir(harness.home.folder, { recursive: true });
  const journals = names.filter((name) => name.endsWith('.ranges'));
  expect(journals).not.toEqual([]);
  // Not to be read by anybody, not even by root: a folder in the place of each.
  for (const name of journals) {
    const journal = path.join(harness.home.folder, name);
    await rename(journal, `${journal}.away`);
    await mkdir(journal);
  }
  await harness.service.resume(id);
  await harness.until(id, 'failed');
  expect(job(id).bytes).toBe(bytes);
  for (const name of journals) {
    const journal = path.join(harness.home.folder, name);
    await rmdir(journal);
    await rename(`${journal}.away`, journal);
  }
  harness.hub.forget();
  harness.hub.bytesPerSecond = undefined;
  await harness.service.resume(id);
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(total - bytes + total * 0.02);
});

test('a restart in the middle goes on by itself', async () => {
  // Large beside what connections hold that nobody has read yet.
  const repo = await modelRepo(A, { weights: 40_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  const id = await begun(repo);
  await harness.reopen();
  harness.hub.bytesPerSecond = undefined;
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  const { total } = job(id);
  expect(sent()).toBeLessThanOrEqual(total * 1.05);
});

test('cancelled: nothing of it is left, and nothing of others is touched', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  const id = await begun(repo);
  const foreign = path.join(folderOf(A), 'blobs', `${'a'.repeat(64)}.0123abcd.incomplete`);
  await writeFile(foreign, 'of another program');
  await harness.service.cancel(id);
  expect(harness.service.list()).toEqual([]);
  expect(await readdir(path.join(folderOf(A), 'blobs'))).toEqual([path.basename(foreign)]);
  expect(await readdir(path.join(harness.home.paths.home, 'downloads'))).toEqual([]);
});

test('a manager that was killed while it cancelled leaves nothing for long', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  harness = await createDownloadHarness({ repos: [repo] });
  await begun(repo);
  const list = path.join(harness.home.paths.home, 'downloads.json');
  await harness.reopen(async () => {
    const stored: object = JSON.parse(await readFile(list, 'utf8'));
    const emptied = Object.entries(stored).map(([key, value]) => [
      key,
      Array.isArray(value) ? [] : value,
    ]);
    await writeFile(list, JSON.stringify(Object.fromEntries(emptied)));
  });
  expect(harness.service.list()).toEqual([]);
  expect(await readdir(path.join(harness.home.paths.home, 'downloads'))).toEqual([]);
  await expect(readdir(folderOf(A))).rejects.toThrow('ENOENT');
});

test('one job per model and revision, however often and however it is asked for', async () => {
  const repo = await modelRepo(A);
  harness = await createDownloadHarness({ repos: [repo] });
  harness.hub.bytesPerSecond = 3_000_000;
  const starts = await Promise.all(
    [A, A.toLowerCase(), A].map((ref) =>
      harness.service.start({ ref, revision: 'main' }).catch((error: unknown) => error),
    ),
  );
  expect(harness.service.list()).toHaveLength(1);
  expect(starts.filter((one) => !(one instanceof Error)).length).toBeGreaterThan(0);
});

test('after a sleep of the machine dead connections are given up and it goes on at once', async () => {
  const repo = await modelRepo(A, { weights: 12_000_000 });
  harness = await createDownloadHarness({ repos: [repo], stallMs: 600_000 });
  harness.hub.plan = ({ kind }) => (kind === 'cdn' ? { kind: 'stall', after: 200_000 } : undefined);
  const { id } = await harness.service.start({ ref: A, revision: 'main' });
  await harness.waitFor('some bytes have come', () => job(id).bytes > 0);
  harness.hub.plan = () => undefined;
  harness.service.resumed();
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});

test('a wake does not ask a hub earlier than it said', async () => {
  const repo = await modelRepo(A);
  harness = await createDownloadHarness({ repos: [repo] });
  const headers = { 'retry-after': '3600' };
  harness.hub.plan = ({ kind }) =>
    kind === 'resolve' ? { kind: 'answer', status: 429, headers } : undefined;
  const { id } = await harness.service.start({ ref: A, revision: 'main' });
  await harness.waitFor('it waits', () => job(id).waiting?.until !== undefined);
  // Fixed wait: answers that are under way still come, of which nobody tells.
  await sleep(100);
  harness.hub.forget();
  harness.service.resumed();
  // Fixed wait: nothing may be asked for in it.
  await sleep(300);
  expect(harness.hub.requests).toEqual([]);
  expect(job(id).waiting).toBeDefined();
});

test('as many at once as the setting says, in an order that can be changed', async () => {
  const repos = await Promise.all([A, B, C].map((id) => modelRepo(id, { weights: 6_000_000 })));
  harness = await createDownloadHarness({ repos, settings: { parallelDownloads: 1 } });
  harness.hub.bytesPerSecond = 4_000_000;
  const ids: string[] = [];
  for (const { id } of repos)
    ids.push((await harness.service.start({ ref: id, revision: 'main' })).id);
  const [a = '', b = '', c = ''] = ids;
  await harness.waitFor('the first runs', () => job(a).state === 'running');
  expect([job(b).state, job(c).state]).toEqual(['queued', 'queued']);
  await harness.service.reorder([a, c, b]);
  expect(harness.service.list().map(({ id }) => id)).toEqual([a, c, b]);
  harness.hub.bytesPerSecond = undefined;
  await harness.until(b, 'done');
  expect(Date.parse(job(c).endedAt ?? '')).toBeLessThanOrEqual(Date.parse(job(b).endedAt ?? ''));
});

test('more at once, and fewer connections, count as soon as they are set', async () => {
  const repos = await Promise.all([A, B].map((id) => modelRepo(id, { weights: 20_000_000 })));
  harness = await createDownloadHarness({
    repos,
    settings: { parallelDownloads: 1, downloadConnections: 8 },
  });
  harness.hub.bytesPerSecond = 4_000_000;
  const [a = '', b = ''] = await Promise.all(
    repos.map(async ({ id }) => (await harness.service.start({ ref: id, revision: 'main' })).id),
  );
  const all = () => [job(a), job(b)];
  await harness.waitFor('several connections', () =>
    all().some((one) => (one.connections ?? 0) > 4),
  );
  expect(all().filter(({ state }) => state === 'queued')).toHaveLength(1);
  harness.set({ parallelDownloads: 2 });
  await harness.waitFor('both run', () => all().every(({ state }) => state === 'running'));
  harness.set({ downloadConnections: 2 });
  await harness.waitFor('one connection each', () =>
    all().every(({ connections }) => connections === 1),
  );
});

test('the limit of the settings counts as soon as it is set, in its hours alone', async () => {
  const repo = await modelRepo(A, { weights: 12_000_000 });
  const now = new Date();
  const clock = (hours: number) =>
    `${String((now.getHours() + hours + 24) % 24).padStart(2, '0')}:00`;
  harness = await createDownloadHarness({
    repos: [repo],
    settings: {
      downloadLimitMegabytes: 1,
      downloadLimitHours: `${clock(-2)}-${clock(3)}`,
    },
  });
  const began = performance.now();
  const { id } = await harness.service.start({ ref: A, revision: 'main' });
  await harness.waitFor('two megabytes', () => job(id).bytes > 2_000_000);
  // Without a limit it would take a hundredth of a second.
  expect(performance.now() - began).toBeGreaterThan(200);
  expect(job(id).state).toBe('running');
  harness.set({ downloadLimitHours: `${clock(3)}-${clock(5)}` });
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});

test('a limit holds', async () => {
  const repo = await modelRepo(A, { weights: 6_000_000 });
  harness = await createDownloadHarness({ repos: [repo], settings: { downloadLimitMegabytes: 3 } });
  const began = performance.now();
  const { id } = await harness.service.start({ ref: A, revision: 'main' });
  await harness.until(id, 'done');
  const seconds = (performance.now() - began) / 1000;
  // That it costs no more than that is shown with a clock of its own, tests/unit/downloads/rate-limit.test.ts.
  expect(seconds).toBeGreaterThan(1.7);
});

test('files that are there already are proven and used; a damaged one is fetched alone', async () => {
  const repo = await modelRepo(A);
  harness = await createDownloadHarness({ repos: [repo] });
  const first = await harness.service.start({ ref: A, revision: 'main' });
  await harness.until(first.id, 'done');
  await harness.service.clear();
  const shard = [...(repo.commits[0]?.files.values() ?? [])].find(({ sha256 }) => sha256);
  const blob = path.join(folderOf(A), 'blobs', shard?.sha256 ?? '');
  await writeFile(blob, Buffer.alloc(shard?.size ?? 0, 7));
  harness.hub.forget();
  const again = await harness.service.start({ ref: A, revision: 'main' });
  await harness.until(again.id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect([...harness.hub.sent.keys()]).toEqual([shard?.path]);
});

test('a snapshot of plain files, as copies without links are, is proven and not fetched again', async () => {
  const repo = await modelRepo(A);
  harness = await createDownloadHarness({ repos: [repo] });
  const first = await harness.service.start({ ref: A, revision: 'main' });
  await harness.until(first.id, 'done');
  await harness.service.clear();
  const snapshot = path.join(folderOf(A), 'snapshots', repo.commits[0]?.id ?? '');
  const copy = `${snapshot}-copy`;
  await cp(snapshot, copy, { recursive: true, dereference: true });
  await rm(snapshot, { recursive: true });
  await rm(path.join(folderOf(A), 'blobs'), { recursive: true });
  await rename(copy, snapshot);
  const before = await hashes(repo);
  harness.hub.forget();
  const again = await harness.service.start({ ref: A, revision: 'main' });
  await harness.until(again.id, 'done');
  expect(await hashes(repo)).toEqual(before);
  expect([...harness.hub.sent.keys()]).toEqual([]);
});

test('the lock of Python’s own downloader is respected: its file is waited for', async ({
  skip,
}) => {
  const repo = await modelRepo(A);
  harness = await createDownloadHarness({ repos: [repo] });
  const shard = [...(repo.commits[0]?.files.values() ?? [])].find(({ path: name }) =>
    name.startsWith('model-00001'),
  );
  const lock = path.join(
    harness.cache,
    '.locks',
    path.basename(folderOf(A)),
    `${shard?.sha256}.lock`,
  );
  const script = `import fcntl,os,sys
os.makedirs(os.path.dirname(sys.argv[1]),exist_ok=True)
f=open(sys.argv[1],'w');fcntl.flock(f,fcntl.LOCK_EX);print('held',flush=True);sys.stdin.read()`;
  const holder = spawn('python3', ['-c', script, lock], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = await new Promise<Error | undefined>((resolve) => {
    holder.once('error', resolve);
    holder.stdout.once('data', () => resolve(undefined));
  });
  if (failed) return skip(`python3 can't be run: ${failed.message}`);
  const { id } = await harness.service.start({ ref: A, revision: 'main' });
  await harness.waitFor('it waits', () =>
    Boolean(job(id).waiting?.message.includes('model-00001')),
  );
  expect(harness.hub.sent.get(shard?.path ?? '')).toBeUndefined();
  holder.stdin.end();
  await harness.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});
