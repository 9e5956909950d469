import { access } from 'node:fs/promises';

/** Whether a folder is gone. Undefined where it cannot be told: a folder that may not be read is not deleted. */
export async function isMissing(folder: string): Promise<boolean | undefined> {
  try {
    await access(folder);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? true : undefined;
  }
}
