import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';

import { writeFileDurably } from '@core/storage/durable-file';

/** 256 bits in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token of this data folder; undefined when there is none yet. */
export async function readAccessToken(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const token = text?.trim();
  return token !== undefined && TOKEN.test(token) ? token : undefined;
}

/** The token of this data folder, made once; the file is for this user alone. */
export async function loadAccessToken(path: string): Promise<string> {
  const found = await readAccessToken(path);
  if (found !== undefined) {
    await chmod(path, 0o600);
    return found;
  }
  const token = randomBytes(32).toString('base64url');
  await writeFileDurably(path, `${token}\n`);
  return token;
}
