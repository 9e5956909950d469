import type { Vault } from '@core/ports';
import { DomainError } from '@shared/errors';
import { safeStorage } from 'electron';
import type { ShellStore } from './shell-store';

/** Keeps secrets encrypted with a key in the system's keychain; the file alone tells nothing. */
export function createVault(store: ShellStore): Vault {
  const secrets = (): Record<string, string> => store.get('secrets') ?? {};
  const put = async (name: string, value: string): Promise<void> => {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) {
      throw new DomainError('permission', 'The keychain cannot be used, so nothing was kept.');
    }
    const encrypted = await safeStorage.encryptStringAsync(value);
    store.set('secrets', { ...secrets(), [name]: encrypted.toString('base64') });
  };
  return {
    place: 'keychain',
    set: put,
    async get(name) {
      const kept = secrets()[name];
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
          `The keychain did not give the ${name} back: ${(error as Error).message}. Enter it again.`,
        );
      }
    },
    async remove(name) {
      const { [name]: _, ...rest } = secrets();
      store.set('secrets', rest);
    },
  };
}
