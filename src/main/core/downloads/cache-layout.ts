import { randomBytes } from 'node:crypto';
import { readlink, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';

import { DomainError } from '@shared/errors';

import type { RepoFile } from '../hub/model-files';
import { folderOfRepo } from '../models/hub-cache';
import { removeLeftDrafts, writeFileDurably } from '../storage/durable-file';
import { makeFolder } from '../storage/make-folder';

/** Places of one repository in a Hugging Face cache, as huggingface_hub lays it out. */
export interface RepoPlaces {
  readonly hub: string;
  readonly folder: string;
  readonly blobs: string;
  blob(etag: string): string;
  /** Ours alone, by the job's id of 8 hex digits: the shape of a name that other programs leave alone. */
  part(etag: string, jobId: string): string;
  lock(etag: string): string;
  snapshot(commit: string): string;
  ref(revision: string): string;
}

export function placesOf(hub: string, ref: string): RepoPlaces {
  const folder = folderOfRepo(hub, ref);
  const blobs = path.join(folder, 'blobs');
  return {
    hub,
    folder,
    blobs,
    blob: (etag) => path.join(blobs, etag),
    part: (etag, jobId) => path.join(blobs, `${etag}.${jobId}.incomplete`),
    lock: (etag) => path.join(hub, '.locks', path.basename(folder), `${etag}.lock`),
    snapshot: (commit) => path.join(folder, 'snapshots', commit),
    ref: (revision) => path.join(folder, 'refs', ...revision.split('/')),
  };
}

/** Whether a blob is there with this size: a file, or a link into the store that repositories share. */
export async function hasBlob(places: RepoPlaces, file: RepoFile): Promise<boolean> {
  const info = await stat(places.blob(file.etag)).catch(() => undefined);
  return info?.isFile() === true && info.size === file.size;
}

/**
 * Shows the blobs under their names: links first, the reference last, so that the model appears to other
 * programs when it is whole. Links that are there and right stay.
 */
export async function placeSnapshot(
  places: RepoPlaces,
  commit: string,
  revision: string,
  files: readonly RepoFile[],
): Promise<string> {
  const snapshot = places.snapshot(commit);
  await makeFolder(snapshot);
  const inside = await realpath(places.folder);
  for (const file of files) await placeFile(places, snapshot, file, inside);
  if (revision !== commit) {
    const ref = places.ref(revision);
    await makeFolder(path.dirname(ref));
    await removeLeftDrafts(ref);
    // Without a line's end, as huggingface_hub writes it.
    await writeFileDurably(ref, commit);
  }
  return snapshot;
}

async function placeFile(
  places: RepoPlaces,
  snapshot: string,
  file: RepoFile,
  inside: string,
): Promise<void> {
  const link = path.join(snapshot, ...file.path.split('/'));
  const folder = path.dirname(link);
  await makeFolder(folder);
  // A folder that is a link could lead the file out of the cache.
  const real = await realpath(folder);
  if (real !== inside && !real.startsWith(`${inside}${path.sep}`)) {
    throw new DomainError('unsafe_name', `${folder} leads out of the model's folder, to ${real}.`);
  }
  const target = path.relative(folder, places.blob(file.etag));
  if ((await readlink(link).catch(() => undefined)) === target) return;
  // Made under another name and moved there in one step: others may show the same file at this moment.
  const draft = places.part(file.etag, randomBytes(4).toString('hex'));
  try {
    await symlink(target, draft);
  } catch (error) {
    // exFAT and some network disks have no links: there huggingface_hub moves the blob as well.
    const { code } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code ?? '')) throw error;
    return replace(places.blob(file.etag), link);
  }
  await replace(draft, link);
}

/** Moves a file to a place that may be taken, by a folder as well. */
async function replace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await rm(to, { force: true, recursive: true });
    await rename(from, to);
  }
}
