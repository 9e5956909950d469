import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

import { ifThere } from '../checks/disk';

/**
 * Bytes of all files below a folder; links are not followed, a file with two names counts once. What is not there,
 * or goes while it is counted, takes no room. Rejects when a part of it cannot be read.
 */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<number>();
  const visit = async (at: string): Promise<number> => {
    const entries = (await ifThere(readdir(at, { withFileTypes: true }))) ?? [];
    let bytes = 0;
    for (const entry of entries) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) bytes += await visit(file);
      else if (entry.isFile()) {
        const info = await ifThere(lstat(file));
        if (info && !seen.has(info.ino)) bytes += info.size;
        if (info) seen.add(info.ino);
      }
    }
    return bytes;
  };
  return visit(folder);
}
