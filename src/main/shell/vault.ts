import type { DocumentStore, Vault } from '@core/ports';
import { DomainError } from '@shared/errors';
import { safeStorage } from 'electron';

/**
 * Keeps secrets encrypted with a key in the system's keychain, base64 by name; the document alone tells nothing.
 */
export function createVault(document: DocumentStore): Vault {
  const read = async (): Promise<Record<string, string>> => {
    const text = await document.read();
    if (text === undefined) return {};
    try {
      const value: unknown = JSON.parse(text);
      return Object.fromEntries(
        Object.entries(value ?? {}).filter(([, secret]) => typeof secret === 'string'),
      );
    } catch {
      throw new DomainError('permission', `${document.path} is damaged. Remove it to start over.`);
    }
  };
  const problem = async (): Promise<string | undefined> =>
    (await safeStorage.isAsyncEncryptionAvailable())
      ? undefined
      : "The keychain isn't available, so secrets can't be stored.";
  const put = async (name: string, value: string): Promise<void> => {
    const reason = await problem();
    if (reason !== undefined) throw new DomainError('permission', reason);
    const encrypted = await safeStorage.encryptStringAsync(value);
    await document.write({ ...(await read()), [name]: encrypted.toString('base64') });
  };
  return {
    place: 'keychain',
    problem,
    set: put,
    async get(name) {
      const kept = (await read())[name];
      if (kept === undefined) return undefined;
      try {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(
          Buffer.from(kept, 'base64'),
        );
        // The system has a newer key (docs/api/safe-storage): the old one may go one day.
        if (shouldReEncrypt) await put(name, result);
        return result;
      } catch (error) {
        throw new DomainError(
          'permission',
          `The keychain didn't return the ${name}: ${(error as Error).message}. Enter it again.`,
        );
      }
    },
    async remove(name) {
      const { [name]: _, ...rest } = await read();
      await document.write(rest);
    },
  };
}
