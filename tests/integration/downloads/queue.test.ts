import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import {
  createDownloadWorld,
  type DownloadWorld,
  modelRepo,
  repoHashes,
  snapshotHashes,
} from '@fixtures/download-world';
import type { HubRepo } from '@fixtures/fake-hub/repos';
import { afterEach, expect, test } from 'vitest';

let world: DownloadWorld;
afterEach(() => world.close());

const A = 'mlx-community/A-4bit';
const B = 'mlx-community/B-4bit';
const C = 'mlx-community/C-4bit';

function folderOf(ref: string): string {
  return path.join(world.cache, `models--${ref.replace('/', '--')}`);
}

function hashes(repo: HubRepo): Promise<Record<string, string>> {
  return snapshotHashes(path.join(folderOf(repo.id), 'snapshots', repo.commits[0]?.id ?? ''));
}

function job(id: string) {
  const found = world.service.list().find((one) => one.id === id);
  if (!found) throw new Error(`There is no job ${id}.`);
  return found;
}

function sent(): number {
  return [...world.hub.sent.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** A download that has brought some of its bytes. */
async function begun(repo: HubRepo): Promise<string> {
  world.hub.bytesPerSecond = 10_000_000;
  const { id } = await world.service.start({ ref: repo.id, revision: 'main' });
  await world.waitFor('bytes have come', () => job(id).bytes > 2_000_000);
  return id;
}

test('paused and gone on with: what was there is not fetched again', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  world = await createDownloadWorld({ repos: [repo] });
  const id = await begun(repo);
  expect(await world.service.pause(id)).toMatchObject({ state: 'paused' });
  const { bytes, total } = job(id);
  expect(bytes).toBeGreaterThan(2_000_000);
  world.hub.forget();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(world.hub.requests).toEqual([]);
  world.hub.bytesPerSecond = undefined;
  await world.service.resume(id);
  await world.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect(sent()).toBeLessThanOrEqual(total - bytes + total * 0.02);
});

test('a restart in the middle goes on by itself', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  world = await createDownloadWorld({ repos: [repo] });
  const id = await begun(repo);
  await world.reopen();
  world.hub.bytesPerSecond = undefined;
  await world.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  const { total } = job(id);
  expect(sent()).toBeLessThanOrEqual(total * 1.05);
});

test('cancelled: nothing of it is left, and nothing of others is touched', async () => {
  const repo = await modelRepo(A, { weights: 20_000_000 });
  world = await createDownloadWorld({ repos: [repo] });
  const id = await begun(repo);
  const foreign = path.join(folderOf(A), 'blobs', `${'a'.repeat(64)}.0123abcd.incomplete`);
  await writeFile(foreign, 'of another program');
  await world.service.cancel(id);
  expect(world.service.list()).toEqual([]);
  expect(await readdir(path.join(folderOf(A), 'blobs'))).toEqual([path.basename(foreign)]);
  expect(await readdir(path.join(world.home.paths.home, 'downloads'))).toEqual([]);
});

test('one job per model and revision, however often and however it is asked for', async () => {
  const repo = await modelRepo(A);
  world = await createDownloadWorld({ repos: [repo] });
  world.hub.bytesPerSecond = 3_000_000;
  const starts = await Promise.all(
    [A, A.toLowerCase(), A].map((ref) =>
      world.service.start({ ref, revision: 'main' }).catch((error: unknown) => error),
    ),
  );
  expect(world.service.list()).toHaveLength(1);
  expect(starts.filter((one) => !(one instanceof Error)).length).toBeGreaterThan(0);
});

test('after a sleep of the machine dead connections are given up and it goes on at once', async () => {
  const repo = await modelRepo(A, { weights: 12_000_000 });
  world = await createDownloadWorld({ repos: [repo], stallMs: 600_000 });
  world.hub.plan = ({ kind }) => (kind === 'cdn' ? { kind: 'stall', after: 200_000 } : undefined);
  const { id } = await world.service.start({ ref: A, revision: 'main' });
  await world.waitFor('some bytes have come', () => job(id).bytes > 0);
  world.hub.plan = () => undefined;
  world.service.resumed();
  await world.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});

test('a wake does not ask a hub earlier than it said', async () => {
  const repo = await modelRepo(A);
  world = await createDownloadWorld({ repos: [repo] });
  const headers = { 'retry-after': '3600' };
  world.hub.plan = ({ kind }) =>
    kind === 'resolve' ? { kind: 'answer', status: 429, headers } : undefined;
  const { id } = await world.service.start({ ref: A, revision: 'main' });
  await world.waitFor('it waits', () => job(id).waiting?.until !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 100));
  world.hub.forget();
  world.service.resumed();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(world.hub.requests).toEqual([]);
  expect(job(id).waiting).toBeDefined();
});

test('as many at once as the setting says, in an order that can be changed', async () => {
  const repos = await Promise.all([A, B, C].map((id) => modelRepo(id, { weights: 6_000_000 })));
  world = await createDownloadWorld({ repos, settings: { parallelDownloads: 1 } });
  world.hub.bytesPerSecond = 4_000_000;
  const ids: string[] = [];
  for (const { id } of repos)
    ids.push((await world.service.start({ ref: id, revision: 'main' })).id);
  const [a = '', b = '', c = ''] = ids;
  await world.waitFor('the first runs', () => job(a).state === 'running');
  expect([job(b).state, job(c).state]).toEqual(['queued', 'queued']);
  await world.service.reorder([a, c, b]);
  expect(world.service.list().map(({ id }) => id)).toEqual([a, c, b]);
  world.hub.bytesPerSecond = undefined;
  await world.until(b, 'done');
  expect(Date.parse(job(c).endedAt ?? '')).toBeLessThanOrEqual(Date.parse(job(b).endedAt ?? ''));
});

test('more at once, and fewer connections, count as soon as they are set', async () => {
  const repos = await Promise.all([A, B].map((id) => modelRepo(id, { weights: 20_000_000 })));
  world = await createDownloadWorld({
    repos,
    settings: { parallelDownloads: 1, downloadConnections: 8 },
  });
  world.hub.bytesPerSecond = 4_000_000;
  const [a = '', b = ''] = await Promise.all(
    repos.map(async ({ id }) => (await world.service.start({ ref: id, revision: 'main' })).id),
  );
  const all = () => [job(a), job(b)];
  await world.waitFor('several connections', () => all().some((one) => (one.connections ?? 0) > 4));
  expect(all().filter(({ state }) => state === 'queued')).toHaveLength(1);
  world.set({ parallelDownloads: 2 });
  await world.waitFor('both run', () => all().every(({ state }) => state === 'running'));
  world.set({ downloadConnections: 2 });
  await world.waitFor('one connection each', () =>
    all().every(({ connections }) => connections === 1),
  );
});

test('the limit of the settings counts as soon as it is set, in its hours alone', async () => {
  const repo = await modelRepo(A, { weights: 12_000_000 });
  const now = new Date();
  const clock = (hours: number) =>
    `${String((now.getHours() + hours + 24) % 24).padStart(2, '0')}:00`;
  world = await createDownloadWorld({
    repos: [repo],
    settings: {
      downloadLimitMegabytes: 0.2,
      downloadLimitHours: `${clock(-2)}-${clock(3)}`,
    },
  });
  const { id } = await world.service.start({ ref: A, revision: 'main' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(job(id).bytes).toBeLessThan(3_000_000);
  expect(job(id).state).toBe('running');
  world.set({ downloadLimitHours: `${clock(3)}-${clock(5)}` });
  await world.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});

test('a limit holds', async () => {
  const repo = await modelRepo(A, { weights: 6_000_000 });
  world = await createDownloadWorld({ repos: [repo], settings: { downloadLimitMegabytes: 3 } });
  const began = performance.now();
  const { id } = await world.service.start({ ref: A, revision: 'main' });
  await world.until(id, 'done');
  const seconds = (performance.now() - began) / 1000;
  expect(seconds).toBeGreaterThan(1.7);
  expect(seconds).toBeLessThan(4);
});

test('files that are there already are proven and used; a damaged one is fetched alone', async () => {
  const repo = await modelRepo(A);
  world = await createDownloadWorld({ repos: [repo] });
  const first = await world.service.start({ ref: A, revision: 'main' });
  await world.until(first.id, 'done');
  await world.service.clear();
  const shard = [...(repo.commits[0]?.files.values() ?? [])].find(({ sha256 }) => sha256);
  const blob = path.join(folderOf(A), 'blobs', shard?.sha256 ?? '');
  await writeFile(blob, Buffer.alloc(shard?.size ?? 0, 7));
  world.hub.forget();
  const again = await world.service.start({ ref: A, revision: 'main' });
  await world.until(again.id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
  expect([...world.hub.sent.keys()]).toEqual([shard?.path]);
});

test('the lock of Python’s own downloader is respected: its file is waited for', async ({
  skip,
}) => {
  const repo = await modelRepo(A);
  world = await createDownloadWorld({ repos: [repo] });
  const shard = [...(repo.commits[0]?.files.values() ?? [])].find(({ path: name }) =>
    name.startsWith('model-00001'),
  );
  const lock = path.join(
    world.cache,
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
  if (failed) return skip(`python3 cannot be run: ${failed.message}`);
  const { id } = await world.service.start({ ref: A, revision: 'main' });
  await world.waitFor('it waits', () => Boolean(job(id).waiting?.message.includes('model-00001')));
  expect(world.hub.sent.get(shard?.path ?? '')).toBeUndefined();
  holder.stdin.end();
  await world.until(id, 'done');
  expect(await hashes(repo)).toEqual(repoHashes(repo));
});
