import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { packedFiles } from '@core/ports/packed-files';

/** Where that lies what the program needs and does not hold itself; every path is absolute. */
export interface Places {
  /** What ships beside the program: the lists of the engines, advice. */
  readonly resources: string;
  /** The built screens. */
  readonly renderer: string;
  /** A `node_modules` with what only works as a file of its own. */
  readonly packages: string;
}

/** Of the program that runs: the single executable, or files under Node. */
export const PLACES: Places =
  packedFiles() === undefined
    ? aroundFiles(dirname(fileURLToPath(import.meta.url)))
    : aroundExecutable(process.execPath);

/** The words that start the command line again: the single executable alone, or Node with the file that it runs. */
export function ownWords(): readonly string[] {
  const [, file] = process.argv;
  const isAlone = packedFiles() !== undefined || file === undefined;
  return isAlone ? [process.execPath] : [process.execPath, resolve(file)];
}

/**
 * Of the single executable: everything lies around its folder `bin`, in the application's `Contents/Resources` as
 * where it was unpacked from an archive.
 */
export function aroundExecutable(program: string): Places {
  const root = dirname(dirname(program));
  // The application keeps out of its archive what the system must read as a file (electron-builder.yml, asarUnpack).
  const unpacked = join(root, 'app.asar.unpacked');
  return {
    resources: root,
    renderer: join(root, 'renderer'),
    packages: join(existsSync(unpacked) ? unpacked : root, 'node_modules'),
  };
}

/** Seen from a folder of the built program (`dist/main`, or its chunks in `dist/main/assets`) or of the source. */
function aroundFiles(here: string): Places {
  const roots = [join(here, '..', '..'), join(here, '..', '..', '..')];
  const root = roots.find((one) => existsSync(join(one, 'resources', 'engines'))) ?? roots[0];
  return {
    resources: join(root ?? here, 'resources'),
    renderer: join(root ?? here, 'dist', 'renderer'),
    packages: join(root ?? here, 'node_modules'),
  };
}
