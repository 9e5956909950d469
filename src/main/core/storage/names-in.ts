import { readdir } from 'node:fs/promises';

/**
 * What a folder holds; nothing where it is not there.
 * @throws the system's error when the folder cannot be listed: that it is empty was then not seen.
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
