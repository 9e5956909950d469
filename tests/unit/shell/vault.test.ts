import type { DocumentStore } from '@core/ports';
import { beforeEach, expect, it, vi } from 'vitest';

const keychain = vi.hoisted(() => ({ available: true, key: 'a', shouldReEncrypt: false }));
vi.mock('electron', () => ({
  safeStorage: {
    isAsyncEncryptionAvailable: async () => keychain.available,
    encryptStringAsync: async (text: string) => Buffer.from(`${keychain.key}:${text}`),
    decryptStringAsync: async (data: Buffer) => {
      const [key, ...rest] = data.toString().split(':');
      if (key !== keychain.key && !keychain.shouldReEncrypt) throw new Error('wrong key');
      return { result: rest.join(':'), shouldReEncrypt: keychain.shouldReEncrypt };
    },
  },
}));
const { createVault } = await import('@shell/vault');

let kept: string | undefined;
const store: DocumentStore = {
  path: '/secrets.json',
  read: async () => kept,
  write: async (value) => {
    kept = JSON.stringify(value);
  },
};

beforeEach(() => {
  kept = undefined;
  Object.assign(keychain, { available: true, key: 'a', shouldReEncrypt: false });
});

it('keeps a secret encrypted, gives it back, and forgets it', async () => {
  const vault = createVault(store);
  await vault.set('token', 'hf_secret');
  expect(kept).not.toContain('hf_secret');
  expect(await vault.get('token')).toBe('hf_secret');
  await vault.remove('token');
  expect(await vault.get('token')).toBeUndefined();
});

it('keeps nothing where the keychain cannot be used, and says so', async () => {
  keychain.available = false;
  await expect(createVault(store).set('token', 'hf_secret')).rejects.toThrow(/keychain/);
  expect(kept).toBeUndefined();
});

it('encrypts anew with the newer key, and says when a secret cannot be read any more', async () => {
  const vault = createVault(store);
  await vault.set('token', 'hf_secret');
  const before = kept;
  keychain.key = 'b';
  await expect(vault.get('token')).rejects.toThrow(/Enter it again/);
  keychain.shouldReEncrypt = true;
  expect(await vault.get('token')).toBe('hf_secret');
  expect(kept).not.toBe(before);
  keychain.shouldReEncrypt = false;
  expect(await vault.get('token')).toBe('hf_secret');
});

it('says when the file is damaged, and leaves it as it is', async () => {
  kept = '{"token": "abc';
  await expect(createVault(store).get('token')).rejects.toThrow(/damaged/);
  await expect(createVault(store).set('other', 'x')).rejects.toThrow(/damaged/);
  expect(kept).toBe('{"token": "abc');
});
