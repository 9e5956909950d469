import { constants, type Stats } from 'node:fs';
import { access, open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * What a check sees of the disk. Each answer is something seen: undefined and false prove that nothing is there.
 * What could not be looked at rejects with the system's error.
 */
export interface Disk {
  /** What a path leads to through all links; undefined where nothing is there. */
  stat(file: string): Promise<Stats | undefined>;
  /** Whether it may be executed by this user. */
  mayExecute(file: string): Promise<boolean>;
  /** The first bytes of a file, which may have fewer. */
  head(file: string, bytes: number): Promise<Buffer>;
  text(file: string): Promise<string | undefined>;
  names(folder: string): Promise<string[] | undefined>;
  realPath(file: string): Promise<string | undefined>;
  /** Where the links of a path that leads nowhere end: the name that is missing; undefined for a circle. */
  missingEnd(file: string): Promise<string | undefined>;
}

/** The errors that prove that a path leads nowhere; a circle of links leads nowhere too. */
const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Whether an error proves that nothing is there. Any other one leaves it unknown. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && ABSENT.includes(String((error as NodeJS.ErrnoException).code));
}

/** What the work gives, or undefined where it was proven that nothing is there. Rejects with any other error. */
export async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** As many links as the system follows in one path (path_resolution(7)). */
const MOST_LINKS = 40;

/** The disk of this machine. */
export const realDisk: Disk = {
  stat: (file) => ifThere(stat(file)),
  text: (file) => ifThere(readFile(file, 'utf8')),
  names: (folder) => ifThere(readdir(folder)),
  realPath: (file) => ifThere(realpath(file)),
  async mayExecute(file) {
    try {
      await access(file, constants.X_OK);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || isAbsent(error)) return false;
      throw error;
    }
  },
  async head(file, bytes) {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  async missingEnd(file) {
    let end = file;
    for (let links = 0; links < MOST_LINKS; links++) {
      const target = await readlink(end).catch(() => undefined); // not a link: it is the missing end itself
      if (target === undefined) return end;
      end = path.resolve(path.dirname(end), target);
    }
    return undefined;
  },
};
