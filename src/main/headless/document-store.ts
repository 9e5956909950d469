import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DocumentStore } from '@core/ports';
import Conf from 'conf';

/**
 * A document in the data folder, in the same file and format as electron-store's, which is built on
 * conf too. The raw text is read past conf, because conf gives up on a damaged file; conf writes
 * atomically (temporary file, fsync, rename), and the folder is synced after it, so that an
 * acknowledged write survives.
 */
export function createDocumentStore(folder: string, name: string): DocumentStore {
  const path = join(folder, `${name}.json`);
  let conf: Conf<Record<string, unknown>> | undefined;
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
      conf ??= new Conf<Record<string, unknown>>({
        cwd: folder,
        configName: name,
        configFileMode: 0o600,
        // Never asked for a value: what the file holds is JsonDocument's to judge.
        deserialize: () => ({}),
        serialize: (store) => JSON.stringify(store, undefined, '\t'),
      });
      conf.store = { ...(value as Record<string, unknown>) };
      await syncFolder(dirname(path));
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
