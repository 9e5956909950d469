import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import path from 'node:path';

import type { Logger } from '../ports';

/** flock(2) of the C library; koffi is the only way to it from Node. */
type Flock = (fd: number, operation: number) => number;

const LOCK_EX = 2;
const LOCK_NB = 4;

let library: Promise<Flock | undefined> | undefined;

async function openLibrary(logger: Logger): Promise<Flock | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    const name = process.platform === 'darwin' ? '/usr/lib/libSystem.B.dylib' : 'libc.so.6';
    return koffi.load(name).func('int flock(int fd, int operation)');
  } catch (error) {
    logger.warn('Files cannot be locked against other programs on this machine', {
      error: String(error),
    });
    return undefined;
  }
}

export interface FileLock {
  release(): Promise<void>;
}

/**
 * Takes the lock that Python's huggingface_hub takes while it fetches the same file: an exclusive flock
 * on `.locks/<repository>/<etag>.lock` (its `WeakFileLock`, by the package filelock). The file stays, as
 * it does there: removing it would let two programs hold two locks of one name.
 * @returns undefined while another program has it.
 */
export async function tryLock(file: string, logger: Logger): Promise<FileLock | undefined> {
  library ??= openLibrary(logger);
  const flock = await library;
  await mkdir(path.dirname(file), { recursive: true });
  const handle: FileHandle = await open(file, constants.O_RDWR | constants.O_CREAT, 0o664);
  if (flock === undefined || flock(handle.fd, LOCK_EX | LOCK_NB) === 0) {
    return { release: () => handle.close() };
  }
  await handle.close();
  return undefined;
}
