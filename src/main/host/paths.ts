import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import type { Paths } from '@core/ports';
import { writeError } from '@core/storage/write-error';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

type Env = Readonly<Record<string, string | undefined>>;

/** A socket's path must fit `sun_path`: 104 bytes on macOS, 108 on Linux, with the closing NUL. */
const MAX_SOCKET_PATH_BYTES = 100;

const APP_FOLDER = 'MLX Manager';

/** The one data folder of every host: what Electron calls `userData`, unless MLX_MANAGER_HOME says another. */
export function dataHome(env: Env, platform: NodeJS.Platform = process.platform): string {
  const chosen = env.MLX_MANAGER_HOME;
  if (chosen) return resolve(chosen);
  const user = env.HOME || homedir();
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', APP_FOLDER);
  const config = env.XDG_CONFIG_HOME;
  // The XDG specification: a relative path is invalid and ignored.
  return join(config?.startsWith('/') ? config : join(user, '.config'), APP_FOLDER);
}

/** Every place of a data folder. */
export function pathsOf(home: string, temporary: string = tmpdir()): Paths {
  return {
    home,
    documents: home,
    engines: join(home, 'engines'),
    logs: join(home, 'logs'),
    models: join(home, 'models'),
    run: join(home, 'run'),
    cache: join(home, 'cache'),
    socket: socketPath(home, temporary),
  };
}

/** Where the access token of the browser and of programs is kept. */
export function tokenPath(paths: Paths): string {
  return join(paths.home, 'token');
}

/** `manager.sock` in the folder, or a hashed name in the user's temporary folder where that is too long. */
function socketPath(home: string, temporary: string): string {
  const inside = join(home, 'manager.sock');
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES) return inside;
  const name = `${createHash('sha256').update(home).digest('hex').slice(0, 16)}.sock`;
  const outside = join(temporary, `mlx-manager-${userInfo().uid}`, name);
  return Buffer.byteLength(outside) <= MAX_SOCKET_PATH_BYTES
    ? outside
    : join('/tmp', `mlx-manager-${userInfo().uid}`, name);
}

/** Makes the data folder, open to this user alone. */
export async function prepareHome(paths: Paths): Promise<void> {
  try {
    await mkdir(paths.home, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST' || code === 'ENOTDIR' ? notAFolder(paths.home) : noAccess(paths, error);
  }
  await chmod(paths.home, 0o700).catch((error: unknown) => {
    throw noAccess(paths, error);
  });
}

/** The data folder cannot be made or written. */
function noAccess({ home }: Paths, error: unknown): DomainError {
  const { code, message } = writeError(home, error);
  const action = makeAction('give_access', { path: home, variable: 'MLX_MANAGER_HOME' });
  return new DomainError(code, message, { action, cause: error });
}

/** The data folder, or what it should lie in, is a file. */
export function notAFolder(home: string): DomainError {
  return new DomainError(
    'validation',
    `The data folder ${home} can't be used because it is a file, or is inside one. Choose another with MLX_MANAGER_HOME.`,
  );
}

/**
 * Makes the socket's folder and proves that nobody else can have put it there: in a shared temporary
 * folder another user may have been faster.
 */
export async function prepareSocketFolder(socket: string): Promise<void> {
  const folder = dirname(socket);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await verifyOwnFolder(folder);
  await chmod(folder, 0o700);
}

/** Throws when the folder is a link, or is another user's. */
export async function verifyOwnFolder(folder: string): Promise<void> {
  const info = await lstat(folder);
  if (!info.isDirectory() || info.uid !== userInfo().uid) {
    throw new DomainError(
      'permission',
      `${folder} doesn't belong to you, so MLX Manager won't use it.`,
    );
  }
}
