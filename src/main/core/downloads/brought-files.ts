import type { Logger } from '../ports';
import { placesOf } from './cache-layout';
import { type DownloadRecord, sameRef } from './download-record';
import { foldersIn, type JobFolder } from './job-folder';
import { removeUnshared } from './remove-unshared';

/** Removes what a job brought to the cache that no other job is about and no snapshot shows. */
export async function removeBrought(
  { id, ref }: Pick<DownloadRecord, 'id' | 'ref'>,
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

/**
 * Whether a job has brought no byte: a model that never began, a gated one for example, leaves nothing that looks
 * like one. A try that ended before it had looked (`total` is 0) knows nothing of what earlier ones brought.
 */
export async function broughtNothing(
  { bytes, total }: { readonly bytes: number; readonly total: number },
  folder: JobFolder,
): Promise<boolean> {
  return total > 0 ? bytes === 0 : (await folder.manifest()) === undefined;
}

/** Hashes of the files that these jobs are about. */
async function contentOf(
  records: readonly DownloadRecord[],
  folderOf: (id: string) => JobFolder,
): Promise<ReadonlySet<string>> {
  const manifests = await Promise.all(records.map(({ id }) => folderOf(id).manifest()));
  return new Set(manifests.flatMap((one) => one?.files.map(({ etag }) => etag) ?? []));
}

interface Places {
  /** Where jobs keep what is theirs. */
  readonly folder: string;
  /** The Hugging Face cache. */
  readonly hub: string;
  readonly logger: Logger;
  readonly folderOf: (id: string) => JobFolder;
}

/** Removes what is left of jobs that are in no list; what cannot be removed is said. */
export async function removeAbandoned(
  all: readonly DownloadRecord[],
  { folder, hub, logger, folderOf }: Places,
): Promise<void> {
  const known = new Set(all.map(({ id }) => id));
  try {
    for (const id of await foldersIn(folder)) {
      if (known.has(id)) continue;
      const manifest = await folderOf(id).manifest();
      if (manifest) await removeBrought({ id, ref: manifest.ref }, all, hub, folderOf);
      await folderOf(id).remove();
      logger.info('What was left of a download that is in no list was removed', { id });
    }
  } catch (error) {
    logger.warn('What is left of a download cannot be removed', { error: String(error) });
  }
}
