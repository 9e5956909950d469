import type { Paths } from '@core/ports';
import { type LockHolder, readLock } from '@core/storage/home-lock';
import type { ManagerInfo } from '@shared/contract';
import { createClient } from '@shared/rpc/client';
import { connectSocket, type SocketTransport } from './socket-transport';

/** Who has a data folder, and the way to it. */
export interface Found {
  /** Undefined when nobody answers. */
  readonly transport: SocketTransport | undefined;
  /** Who has the folder without answering: with a socket, a manager that begins, ends or hangs. */
  readonly holder: LockHolder | undefined;
}

/**
 * Looks for the manager of a data folder: where this environment would have its socket, and where the folder's
 * lock says that it is. The same answer for everybody who asks.
 */
export async function findManager(paths: Paths): Promise<Found> {
  const near = await connectSocket(paths.socket);
  if (near) return { transport: near, holder: undefined };
  const holder = await readLock(paths.home);
  const elsewhere = holder?.socket === paths.socket ? undefined : holder?.socket;
  const transport = elsewhere === undefined ? undefined : await connectSocket(elsewhere);
  return { transport, holder };
}

/** Who runs on this data folder, asked over its socket; undefined when nobody answers. */
export async function askRunningManager(paths: Paths): Promise<ManagerInfo | undefined> {
  const { transport } = await findManager(paths);
  if (transport === undefined) return undefined;
  try {
    return await createClient(transport).call('app.info');
  } finally {
    transport.close();
  }
}
