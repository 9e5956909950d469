import { link, lstat, mkdir, readdir, realpath, rename } from 'node:fs/promises';
import path from 'node:path';

import type { RepoFile } from '../hub/model-files';
import { hasBlob, type RepoPlaces } from './cache-layout';

/**
 * Makes blobs of the plain files that lie in snapshots, where no blob of that content is: copies without links, and
 * disks that have none, keep a model so. They are proven like every other blob before they count, and nothing that
 * is here comes again.
 */
export async function adoptPlainFiles(
  places: RepoPlaces,
  files: readonly RepoFile[],
): Promise<void> {
  const snapshots = path.dirname(places.snapshot('commit'));
  const names = await readdir(snapshots).catch(() => []);
  if (names.length === 0) return;
  const inside = await realpath(places.folder);
  for (const file of files) {
    if (await hasBlob(places, file)) continue;
    for (const name of names) {
      const found = path.join(snapshots, name, ...file.path.split('/'));
      if (await isPlainFile(found, file.size, inside)) {
        await showAsBlob(found, places, file.etag);
        break;
      }
    }
  }
}

/** A folder on the way that is a link could lead to a file that is not the cache's. */
async function isPlainFile(file: string, size: number, inside: string): Promise<boolean> {
  const info = await lstat(file).catch(() => undefined);
  if (!info?.isFile() || info.size !== size) return false;
  return (await realpath(file)).startsWith(`${inside}${path.sep}`);
}

/** Under a second name, so that the snapshot is whole at every moment; where a disk has no second names, moved. */
async function showAsBlob(file: string, places: RepoPlaces, etag: string): Promise<void> {
  await mkdir(places.blobs, { recursive: true });
  try {
    await link(file, places.blob(etag));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOENT') return;
    await rename(file, places.blob(etag));
  }
}
