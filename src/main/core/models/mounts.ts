import path from 'node:path';

import { statOf } from './disk';

/** Tells of a file's disk; a test puts its own in the place. */
export type StatOf = (file: string) => Promise<{ readonly dev: number } | undefined>;

/** The place where the disk of a folder is mounted: the highest folder above it on the same device. */
export async function mountOf(folder: string, stat: StatOf = statOf): Promise<string> {
  const info = await stat(folder);
  const above = path.dirname(folder);
  if (!info || above === folder) return folder;
  const parent = await stat(above);
  return parent && parent.dev === info.dev ? mountOf(above, stat) : folder;
}

/** Whether a disk is mounted there now: the folder may stay behind without it. */
export async function isMounted(mount: string, stat: StatOf = statOf): Promise<boolean> {
  if (mount === path.dirname(mount)) return true;
  const [info, parent] = await Promise.all([stat(mount), stat(path.dirname(mount))]).catch(
    () => [],
  );
  return info !== undefined && info.dev !== parent?.dev;
}
