import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { writeFileDurably } from './durable-file';

/**
 * Keeps a file as it is now, byte by byte, beside it as `<name>.<kind>-<time>.json`. The same bytes are
 * kept once: a program that starts every day on a damaged file does not fill the folder.
 * @param time Unix milliseconds, for the name.
 * @returns the copy's path. Rejects with the system's error when it could not be made.
 */
export async function keepCopy(file: string, kind: string, time: number): Promise<string> {
  const bytes = await readFile(file);
  const folder = path.dirname(file);
  const stem = `${path.basename(file, '.json')}.${kind}-`;
  const names = await readdir(folder);
  for (const name of names) {
    const other = path.join(folder, name);
    if (name.startsWith(stem) && (await holds(other, bytes))) return other;
  }
  const copy = path.join(folder, freeName(`${stem}${fileTime(time)}`, names));
  await writeFileDurably(copy, bytes);
  return copy;
}

async function holds(file: string, bytes: Buffer): Promise<boolean> {
  const { size } = await stat(file);
  return size === bytes.length && bytes.equals(await readFile(file));
}

/** Colons are separators in file names for some programs of macOS. */
function fileTime(time: number): string {
  return new Date(time).toISOString().replaceAll(':', '-');
}

function freeName(stem: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.json` : `${stem}-${number}.json`;
    if (!taken.includes(name)) return name;
  }
}
