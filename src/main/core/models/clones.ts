import { constants } from 'node:fs';
import { copyFile, rename, rm, stat, statfs, utimes } from 'node:fs/promises';

import { DomainError } from '@shared/errors';

import { inodeOf, statOf } from './disk';
import type { WeightsFile } from './model-folder';

/** Types of file systems on Linux that clone files (`statfs(2)`): Btrfs, XFS, bcachefs. */
const CLONING = new Set([0x9123683e, 0x58465342, 0xca451a4e]);
/** HFS+, which macOS still reads and which has no clones. */
const HFS = 17;

/** Why two files cannot share their bytes on disk; undefined where they can. */
export async function whyNoClone(
  one: string,
  other: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string | undefined> {
  const [a, b] = await Promise.all([statOf(one), statOf(other)]);
  if (!a || !b) return 'One of the two no longer exists.';
  if (a.dev !== b.dev) return 'They are on different disks.';
  const { type } = await statfs(one);
  const clones = platform === 'darwin' ? type !== HFS : CLONING.has(type);
  return clones ? undefined : "This disk's file system can't share data between files.";
}

/**
 * Puts a clone of `source` in the place of `target`, which holds the same bytes: proven again before the old
 * file goes.
 * @returns the bytes that this freed.
 * @throws DomainError conflict, permission.
 */
export async function replaceByClone(
  source: WeightsFile,
  target: WeightsFile,
  sha256: string,
  hash: (file: string, size: number) => Promise<string>,
): Promise<number> {
  const from = source.facts.file;
  const to = target.facts.file;
  const before = await stat(to);
  if (inodeOf(await stat(from)) === inodeOf(before)) return 0;
  const draft = `${to}.mlx-manager-clone`;
  try {
    await rm(draft, { force: true });
    await copyFile(from, draft, constants.COPYFILE_FICLONE_FORCE);
    await utimes(draft, before.atime, before.mtime);
    if ((await hash(draft, before.size)) !== sha256) {
      throw new DomainError(
        'bad_hash',
        `${from} has changed in the meantime, so nothing was replaced.`,
      );
    }
    await rename(draft, to);
    return before.size;
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error instanceof DomainError ? error : cloneError(to, error);
  }
}

function cloneError(file: string, error: unknown): DomainError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'EXDEV' || code === 'ENOSYS') {
    const sentence = "This disk's file system can't share data between files.";
    return new DomainError('conflict', sentence, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DomainError(
      'permission',
      `You don't have permission to replace ${file} (${code}).`,
      {
        cause: error,
      },
    );
  }
  return new DomainError('internal', `Couldn't replace ${file}: ${String(error)}`, {
    cause: error,
  });
}
