import { readFile } from 'node:fs/promises';

import type { DocumentStore, Vault } from '@core/ports';
import { writeFileDurably } from '@core/storage/durable-file';

/** The document of the application's secrets: encrypted by a key of the keychain, by the names of here. */
export const KEYCHAIN_DOCUMENT = 'keychain';

/**
 * Keeps secrets in a file that only this user can read: what a machine without a desktop has, and what a command has
 * that works alone.
 * @param keychain the application's {@link KEYCHAIN_DOCUMENT}, of which the names alone are read.
 */
export function createFileVault(path: string, keychain?: DocumentStore): Vault {
  const read = async (): Promise<Record<string, string>> => {
    try {
      return secretsIn(await readFile(path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
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
    isInKeychain: async (name) => Object.hasOwn(secretsIn((await keychain?.read()) ?? ''), name),
  };
}

/** The texts by their names; none where it is damaged. */
function secretsIn(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text);
    return Object.fromEntries(
      Object.entries(value ?? {}).filter(([, secret]) => typeof secret === 'string'),
    );
  } catch {
    return {};
  }
}
