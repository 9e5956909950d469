import path from 'node:path';

import type { Disk } from './disk';

/** Folders of libraries in an environment are named for the Python that made it. */
export const LIBRARY = /^python(3\.\d+)$/;

/** What a check needs to know of a virtual environment. */
export interface EnvironmentPlace {
  /** The environment's own folder. */
  readonly folder: string;
  /** Its `python`, which was seen to be there. */
  readonly python: string;
  /** Whether the manager made it, so that `pyvenv.cfg` must be there. */
  readonly isOurs: boolean;
}

/**
 * Why the Python of an environment would not find its packages; undefined where nothing is wrong to be seen.
 * Source: PEP 405 (`pyvenv.cfg` and its `home`); packages lie in `lib/pythonX.Y/site-packages`.
 */
export async function environmentProblem(
  { folder, python, isOurs }: EnvironmentPlace,
  disk: Disk,
): Promise<string | undefined> {
  const file = path.join(folder, 'pyvenv.cfg');
  const config = await disk.text(file);
  if (config === undefined) {
    return isOurs
      ? `Its file ${file} is missing, and without it Python can't find the packages.`
      : undefined;
  }
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(config)?.[1];
  if (home !== undefined && !(await disk.stat(home))) {
    return `The Python it was created with is gone: ${home}.`;
  }
  return versionProblem(folder, python, disk);
}

/** A link to the system's Python leads to another version after an upgrade, which looks in another folder. */
async function versionProblem(
  folder: string,
  python: string,
  disk: Disk,
): Promise<string | undefined> {
  const real = path.basename((await disk.realPath(python)) ?? '');
  const now = LIBRARY.exec(real)?.[1];
  const libraries = await disk.names(path.join(folder, 'lib'));
  const made = (libraries ?? []).flatMap((name) => LIBRARY.exec(name)?.[1] ?? []);
  if (now === undefined || made.length === 0 || made.includes(now)) return undefined;
  return `Its Python is now ${now}, but its packages were installed for ${made.join(' and ')}.`;
}

/** Where the packages of an environment lie; undefined where there is no such folder. */
export async function sitePackages(
  folder: string,
  disk: Pick<Disk, 'names'>,
): Promise<string | undefined> {
  const libraries = await disk.names(path.join(folder, 'lib'));
  const library = libraries?.find((name) => LIBRARY.test(name));
  return library === undefined ? undefined : path.join(folder, 'lib', library, 'site-packages');
}
