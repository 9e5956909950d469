import path from 'node:path';

import {
  createDownloadHarness,
  modelRepo,
  repoHashes,
  snapshotHashes,
} from '@fixtures/download-harness';
import { hubFile } from '@fixtures/fake-hub/repos';
import { expect, test } from 'vitest';

const REF = 'mlx-community/Tiny-4bit';
const FILES = 10_000;

test('a repository of 10,000 files comes whole', { timeout: 600_000 }, async () => {
  const extra = await Promise.all(
    Array.from({ length: FILES }, (_, index) =>
      hubFile(`voices/${index % 100}/v${index}.json`, `{"voice":${index}}`),
    ),
  );
  const repo = await modelRepo(REF, { extra });
  const harness = await createDownloadHarness({ repos: [repo] });
  try {
    const { id } = await harness.service.start({ ref: REF, revision: 'main' });
    const job = () => harness.service.list().find((one) => one.id === id);
    await harness.waitFor('the end', () => /done|failed/.test(job()?.state ?? ''), 500_000);
    expect(job()).toMatchObject({ state: 'done', files: { total: FILES + 6 } });
    const folder = path.join(harness.cache, 'models--mlx-community--Tiny-4bit', 'snapshots');
    const commit = repo.commits.at(-1)?.id ?? '';
    expect(await snapshotHashes(path.join(folder, commit))).toEqual(repoHashes(repo));
  } finally {
    await harness.close();
  }
});
