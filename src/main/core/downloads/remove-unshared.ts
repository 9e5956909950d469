import { readdir, readlink, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import type { RepoFile } from '../hub/model-files';
import type { RepoPlaces } from './cache-layout';

/**
 * Removes what a job brought that did not end: its partial files, and whole ones that no snapshot of the
 * repository shows. Partial files of other programs stay; folders go when they are empty.
 */
export async function removeUnshared(
  places: RepoPlaces,
  jobId: string,
  files: readonly RepoFile[],
  verified: ReadonlySet<string>,
): Promise<void> {
  const shown = await shownBlobs(places);
  for (const etag of new Set(files.map((file) => file.etag))) {
    await rm(places.part(etag, jobId), { force: true });
    if (verified.has(etag) && !shown.has(etag)) await rm(places.blob(etag), { force: true });
  }
  for (const folder of [places.blobs, path.join(places.folder, 'snapshots'), places.folder]) {
    await rmdir(folder).catch(() => undefined); // not empty, or never made
  }
}

/** Names of the blobs that some snapshot of the repository leads to. */
async function shownBlobs(places: RepoPlaces): Promise<ReadonlySet<string>> {
  const folder = path.join(places.folder, 'snapshots');
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const targets = await Promise.all(
    entries
      .filter((entry) => entry.isSymbolicLink())
      .map(async ({ parentPath, name }) =>
        // One step alone: a blob may itself be a link into the store that repositories share.
        path.resolve(parentPath, await readlink(path.join(parentPath, name)).catch(() => '')),
      ),
  );
  return new Set(
    targets
      .filter((target) => path.dirname(target) === places.blobs)
      .map((target) => path.basename(target)),
  );
}
