import { stat, statfs } from 'node:fs/promises';

import { DomainError } from '@shared/errors';

import { makeFolder } from '../storage/make-folder';
import { writeError } from '../storage/write-error';
import { hasBlob, type RepoPlaces } from './cache-layout';
import { spaceProblem } from './disk-space';
import type { FileTask } from './file-task';

interface DiskQuestion {
  readonly places: RepoPlaces;
  readonly jobId: string;
  readonly tasks: readonly FileTask[];
  /** The disk that it will be is known. */
  readonly found: (device: number) => void;
  /** Bytes that other jobs will still bring to the same disk. */
  readonly reserved: (device: number) => number;
}

/** @throws DomainError permission, disk_full before anything is written. */
export async function checkDisk(question: DiskQuestion): Promise<void> {
  const { places, found, reserved } = question;
  const { blobs } = places;
  try {
    await makeFolder(blobs);
    const [{ dev }, disk] = await Promise.all([stat(blobs), statfs(blobs)]);
    found(dev);
    const wanted = await bytesToWrite(question);
    const problem = spaceProblem(disk, wanted, reserved(dev));
    if (problem) throw problem;
  } catch (error) {
    throw error instanceof DomainError ? error : writeError(blobs, error);
  }
}

/** What is not yet there takes room; blocks of part files that were written do already. */
async function bytesToWrite({ places, jobId, tasks }: DiskQuestion): Promise<number> {
  let bytes = 0;
  for (const { file, state } of tasks) {
    if (state === 'verified' || (await hasBlob(places, file))) continue;
    const part = await stat(places.part(file.etag, jobId)).catch(() => undefined);
    bytes += Math.max(0, file.size - (part?.blocks ?? 0) * 512);
  }
  return bytes;
}
