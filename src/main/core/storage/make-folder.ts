import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Makes a folder and those above it. Rejects with the system's error. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    // Node says that the folder is missing where the system says that the disk is read-only.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') await checkWritable(folder);
    throw error;
  }
}

async function checkWritable(folder: string): Promise<void> {
  const info = await stat(folder).catch(() => undefined);
  if (info) await access(folder, constants.W_OK);
  else if (folder !== path.dirname(folder)) await checkWritable(path.dirname(folder));
}
