import path from 'node:path';

import type { Disk } from './disk';

/** One file of a package as its installer recorded it. */
export interface RecordedFile {
  /** From `site-packages`. */
  readonly path: string;
  /** Bytes; undefined where it was not recorded. */
  readonly size: number | undefined;
}

/** A file that is not as it was installed. */
export interface DamagedFile {
  /** From `site-packages`; the folder of its record where a whole package is gone. */
  readonly path: string;
  readonly what: 'gone' | 'empty';
}

/** Files that are looked at at the same time. */
const BATCH = 32;

/**
 * What an engine never reads: texts for people, sources for compilers, tests, compiled copies that Python makes
 * anew, and programs outside of the packages.
 */
const UNREAD =
  /(?:^|\/)(?:\.\.|tests?|docs?|examples?|include|licenses)\/|\.(?:md|rst|txt|pyi|pyc|pyx|pxd|h|hpp|c|cc|cpp|typed|html)$|\.dist-info\/(?!METADATA$)/i;

/**
 * A RECORD file is CSV: path, hash, size (packaging.python.org, "Recording installed projects"). A path with a
 * comma or a quote in it is quoted.
 */
export function parseRecord(text: string): RecordedFile[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*)),[^,]*,(\d*)$/.exec(line);
    const file = match?.[1]?.replaceAll('""', '"') ?? match?.[2];
    if (file === undefined || file === '') return [];
    return [{ path: file, size: match?.[3] ? Number(match[3]) : undefined }];
  });
}

/** Whether an engine may need a file to run. */
export function mayBeRead({ path: file }: RecordedFile): boolean {
  return !path.isAbsolute(file) && !UNREAD.test(file);
}

/**
 * The files of an environment's packages that are gone or have become empty, by the record that each package
 * carries. A file of another size was changed by somebody, which is no proof that it does not work.
 * @param packages `name==version` of everything that was installed.
 * @throws the system's error for what could not be looked at.
 */
export async function findDamagedFiles(
  site: string,
  packages: readonly string[],
  disk: Disk,
): Promise<DamagedFile[]> {
  const names = (await disk.names(site)) ?? [];
  const records = names.filter((name) => name.endsWith('.dist-info'));
  const present = new Set(records.map(packageOf));
  const lost = packages.filter((name) => !present.has(name));
  const listed = await inBatches(records, async (folder): Promise<RecordedFile[]> => {
    const text = await disk.text(path.join(site, folder, 'RECORD'));
    // Without a record it cannot be told what the package consists of.
    return text === undefined ? [] : parseRecord(text).filter(mayBeRead);
  });
  const damaged = await inBatches(listed.flat(), (file) => damageOf(site, file, disk));
  return [
    ...lost.map(
      (name): DamagedFile => ({ path: `${name.replace('==', '-')}.dist-info`, what: 'gone' }),
    ),
    ...damaged.filter((one) => one !== undefined),
  ];
}

async function damageOf(
  site: string,
  file: RecordedFile,
  disk: Disk,
): Promise<DamagedFile | undefined> {
  const info = await disk.stat(path.join(site, file.path));
  if (!info) return { path: file.path, what: 'gone' };
  return info.size === 0 && (file.size ?? 0) > 0 ? { path: file.path, what: 'empty' } : undefined;
}

/** `name==version` of `Name_x-1.0.dist-info`, in the one spelling that names have in lists of packages. */
export function packageOf(folder: string): string {
  const [, project = '', version = ''] = /^(.+)-([^-]+)\.dist-info$/.exec(folder) ?? [];
  return `${project.replace(/[-_.]+/g, '-').toLowerCase()}==${version}`;
}

/** One batch after another, so that the first error is also the end of the work. */
async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += BATCH) {
    results.push(...(await Promise.all(items.slice(at, at + BATCH).map(work))));
  }
  return results;
}
