import { placesOf } from './cache-layout';
import { type DownloadRecord, sameRef } from './download-record';
import type { JobFolder } from './job-folder';
import { removeUnshared } from './remove-unshared';

/** Removes what a job brought to the cache that no other job is about and no snapshot shows. */
export async function removeBrought(
  { id, ref }: DownloadRecord,
  all: readonly DownloadRecord[],
  hub: string,
  folderOf: (id: string) => JobFolder,
): Promise<void> {
  const folder = folderOf(id);
  const [manifest, downloaded] = await Promise.all([folder.manifest(), folder.downloaded()]);
  const others = all.filter(
    (record) => record.id !== id && record.state !== 'done' && sameRef(record.ref, ref),
  );
  const wanted = await contentOf(others, folderOf);
  const removable = new Set([...downloaded].filter((etag) => !wanted.has(etag)));
  await removeUnshared(placesOf(hub, ref), id, manifest?.files ?? [], removable);
}

/** Hashes of the files that these jobs are about. */
async function contentOf(
  records: readonly DownloadRecord[],
  folderOf: (id: string) => JobFolder,
): Promise<ReadonlySet<string>> {
  const manifests = await Promise.all(records.map(({ id }) => folderOf(id).manifest()));
  return new Set(manifests.flatMap((one) => one?.files.map(({ etag }) => etag) ?? []));
}
