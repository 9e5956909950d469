import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Source } from './architecture';

const root = join(import.meta.dirname, '../..');

/** Every source file of src/, by its path from the root. */
export async function readSources(): Promise<Source[]> {
  const entries = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    paths.map(async (path) => ({
      path: relative(root, path),
      text: await readFile(path, 'utf8'),
    })),
  );
}
