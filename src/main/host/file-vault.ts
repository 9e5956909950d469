import { readFile } from 'node:fs/promises';

import type { Vault } from '@core/ports';
import { writeFileDurably } from '@core/storage/durable-file';

/** Keeps secrets in a file that only this user can read: what a machine without a desktop has. */
export function createFileVault(path: string): Vault {
  const read = async (): Promise<Record<string, string>> => {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'));
      return Object.fromEntries(
        Object.entries(value ?? {}).filter(([, secret]) => typeof secret === 'string'),
      );
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) {
        return {};
      }
      throw error;
    }
  };
  return {
    place: 'file',
    problem: async () => undefined,
    get: async (name) => (await read())[name],
    async set(name, value) {
      await writeFileDurably(path, JSON.stringify({ ...(await read()), [name]: value }));
    },
    async remove(name) {
      const { [name]: _, ...rest } = await read();
      await writeFileDurably(path, JSON.stringify(rest));
    },
  };
}
