import { lstat, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

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

const REF = 'mlx-community/Tiny-4bit';

function snapshotOf(repo: HubRepo, cache: string): string {
  const commit = repo.commits.at(-1)?.id ?? '';
  return path.join(cache, 'models--mlx-community--Tiny-4bit', 'snapshots', commit);
}

test('a model comes whole, in the layout that every other program reads', async () => {
  const repo = await modelRepo(REF);
  harness = await createDownloadHarness({ repos: [repo] });
  const { id } = await harness.service.start({ ref: REF, revision: 'main' });
  const done = await harness.until(id, 'done', 'failed');
  expect(done).toMatchObject({ state: 'done', bytes: done.total, ref: REF });
  const folder = snapshotOf(repo, harness.cache);
  expect(await snapshotHashes(folder)).toEqual(repoHashes(repo));
  const root = path.dirname(path.dirname(folder));
  expect(await readFile(path.join(root, 'refs', 'main'), 'utf8')).toBe(repo.commits[0]?.id);
  const link = path.join(folder, 'config.json');
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readlink(link)).toMatch(/^\.\.\/\.\.\/blobs\/[0-9a-f]{40}$/);
  // Large files come from the other host, without the token and without a second question to the hub.
  const large = harness.hub.requests.filter(({ kind }) => kind === 'cdn');
  expect(large.length).toBeGreaterThan(0);
  expect(large.every(({ authorization }) => authorization === undefined)).toBe(true);
});
