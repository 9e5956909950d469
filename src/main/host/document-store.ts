import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { DocumentStore } from '@core/ports';
import { writeFileDurably } from '@core/storage/durable-file';

/**
 * A document in the data folder, in electron-store's place and format: `<folder>/<name>.json`, JSON
 * indented by tabs. Not written by electron-store: it gives up on a damaged file, and on a disk that
 * fills up it replaces a good one by its beginning (see `writeFileDurably`).
 */
export function createDocumentStore(folder: string, name: string): DocumentStore {
  const path = join(folder, `${name}.json`);
  return {
    path,
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(value) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileDurably(path, JSON.stringify(value, undefined, '\t'));
    },
  };
}
