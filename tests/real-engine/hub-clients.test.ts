import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { modelRepo, repoHashes, snapshotHashes } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { until } from '@fixtures/until';
import { hubFile, type HubRepo, newRepo } from '@fixtures/fake-hub/repos';
import type { Download } from '@shared/domain/download';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

/** Python's own client, as the installation of mlx-lm brings it, beside ours on one hub and one cache. */
const run = promisify(execFile);
const REF = 'mlx-community/Tiny-4bit';

let h: CoreHarness;
let hub: FakeHub;
let repo: HubRepo;
let bin: string;
let cache: string;

beforeAll(async () => {
  repo = await modelRepo(REF, { weights: 20_000_000 });
  hub = await startFakeHub({ repos: [repo] });
  h = await createCoreHarness({}, { HF_ENDPOINT: hub.url });
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
  const [installation] = await h.client.call('engines.list');
  bin = path.join(installation?.path ?? '', 'bin');
  cache = path.join(h.home.folder, 'hugging face', 'hub');
}, 600_000);
afterEach(async () => {
  hub.bytesPerSecond = undefined;
  hub.forget();
  await h.client.call('downloads.clear');
  await rm(path.join(cache, folderName()), { recursive: true, force: true });
});
afterAll(async () => {
  await h.close();
  await hub.close();
});

function folderName(ref = REF): string {
  return `models--${ref.replace('/', '--')}`;
}

async function hf(...words: string[]): Promise<string> {
  const env = {
    ...process.env,
    HF_ENDPOINT: hub.url,
    HF_HUB_CACHE: cache,
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_XET: '1',
    NO_COLOR: '1',
  };
  const { stdout } = await run(path.join(bin, 'hf'), words, { env });
  return stdout;
}

async function pull(ref = REF): Promise<Download> {
  const { id } = await h.client.call('downloads.start', { ref });
  return until(async () => {
    const job = (await h.client.call('downloads.list')).find((one) => one.id === id);
    return job?.state === 'done' || job?.state === 'failed' ? job : undefined;
  }, 'the download to end');
}

const snapshot = (): string =>
  path.join(cache, folderName(), 'snapshots', repo.commits[0]?.id ?? '');

test('what we fetch is complete and right for Python', async () => {
  expect(await pull()).toMatchObject({ state: 'done' });
  expect(await hf('cache', 'ls')).toContain(`model/${REF}`);
  expect(await hf('cache', 'verify', REF)).toContain('All checksums match');
  hub.forget();
  // It has nothing left to fetch but the file that no engine reads.
  await hf('download', REF);
  expect([...hub.sent.keys()]).toEqual(['.gitattributes']);
});

test('what Python fetches is complete for us, and not fetched again', async () => {
  await hf('download', REF);
  await h.client.call('models.rescan');
  expect(await h.client.call('models.show', { ref: REF })).toMatchObject({ complete: true });
  hub.forget();
  expect(await pull()).toMatchObject({ state: 'done' });
  expect([...hub.sent.values()]).toEqual([]);
});

test('both at once: one copy, and no byte of a file twice', async () => {
  hub.bytesPerSecond = 8_000_000;
  const [done] = await Promise.all([pull(), hf('download', REF)]);
  expect(done?.failure).toBeUndefined();
  expect(done).toMatchObject({ state: 'done' });
  const hashes = await snapshotHashes(snapshot());
  expect(hashes).toMatchObject(repoHashes(repo));
  const blobs = await readdir(path.join(cache, folderName(), 'blobs'));
  expect(blobs.filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  expect(blobs).toHaveLength(new Set(Object.values(hashes)).size);
  for (const file of repo.commits[0]?.files.values() ?? []) {
    expect(hub.sent.get(file.path) ?? 0, file.path).toBeLessThanOrEqual(file.size);
  }
});

test('a model that we fetched is served by the real mlx-lm', async () => {
  const demo = await h.client.call('models.show', { ref: 'demo' });
  const names = await readdir(demo.path);
  const files = await Promise.all(
    names.map(async (name) => hubFile(name, await readFile(path.join(demo.path, name)))),
  );
  hub.repos.push(newRepo('mlx-community/Demo', files));
  expect(await pull('mlx-community/Demo')).toMatchObject({ state: 'done' });
  const profile = await h.createProfile({ name: 'Pulled', model: 'mlx-community/Demo' });
  await h.client.call('servers.start', { profileId: profile.id });
  await h.waitFor(profile.id, 'ready', 120_000);
  const answer = await h.client.call('servers.test', { profileId: profile.id });
  expect(answer.text.length).toBeGreaterThan(0);
  await h.client.call('profiles.delete', { profileId: profile.id, stop: true });
});

test('a folder of plain files beside the cache is what hf makes of the same hub', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mm-hf-'));
  try {
    await hf('download', REF, '--local-dir', folder);
    const plain = await snapshotHashes(folder);
    expect(plain).toMatchObject(repoHashes(repo));
  } finally {
    await rm(folder, { recursive: true });
  }
});
