import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileVault } from '@host/file-vault';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlx-vault-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps secrets in a file for this user alone, and forgets them', async () => {
  const path = join(folder, 'secrets.json');
  const vault = createFileVault(path);
  expect(await vault.get('token')).toBeUndefined();
  await vault.set('token', 'hf_secret');
  await vault.set('other', 'x');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await createFileVault(path).get('token')).toBe('hf_secret');
  await vault.remove('token');
  expect(await vault.get('token')).toBeUndefined();
  expect(await vault.get('other')).toBe('x');
  expect(await readFile(path, 'utf8')).not.toContain('hf_secret');
});
