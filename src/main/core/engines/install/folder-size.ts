import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of all files below a folder; links are not followed, a file with two names counts once. */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<number>();
  const visit = async (at: string): Promise<number> => {
    const entries = await readdir(at, { withFileTypes: true });
    let bytes = 0;
    for (const entry of entries) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) bytes += await visit(file);
      else if (entry.isFile()) {
        const { ino, size } = await lstat(file);
        if (!seen.has(ino)) bytes += size;
        seen.add(ino);
      }
    }
    return bytes;
  };
  return visit(folder);
}
