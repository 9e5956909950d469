import type { Paths } from '@core/ports';
import { type LockHolder, readLock } from '@core/storage/home-lock';
import type { ManagerInfo } from '@shared/contract';
import { createClient } from '@shared/rpc/client';
import { whileWanted } from '@shared/while-wanted';
import { connectSocket, type SocketTransport } from './socket-transport';

/** One whose event loop is busy answers later, one that hangs never does, ms. */
const ANSWER_MS = 10_000;

/** Who has a data folder, and the way to it. */
export interface Found {
  /** To a manager that has just answered; undefined when nobody does. */
  readonly transport: SocketTransport | undefined;
  /** What it said of itself. */
  readonly info?: ManagerInfo;
  /** Who has the folder without answering: with a socket, a manager that begins, ends or hangs. */
  readonly holder: LockHolder | undefined;
}

/**
 * Looks for the manager of a data folder: where this environment would have its socket, and where the folder's
 * lock says that it is. The same answer for everybody who asks.
 */
export async function findManager(paths: Paths): Promise<Found> {
  const near = await ask(paths.socket);
  if (near) return { ...near, holder: undefined };
  const holder = await readLock(paths.home);
  const isElsewhere = holder?.socket !== undefined && holder.socket !== paths.socket;
  const there = isElsewhere ? await ask(holder.socket) : undefined;
  return { transport: undefined, ...there, holder };
}

/** Who runs on this data folder, asked over its socket; undefined when nobody answers. */
export async function askRunningManager(paths: Paths): Promise<ManagerInfo | undefined> {
  const { transport, info } = await findManager(paths);
  transport?.close();
  return info;
}

/** A connection says little: the system makes it also for a manager that hangs. */
async function ask(
  socket: string,
): Promise<{ transport: SocketTransport; info: ManagerInfo } | undefined> {
  const transport = await connectSocket(socket);
  if (transport === undefined) return undefined;
  try {
    const answer = createClient(transport).call('app.info');
    return { transport, info: await whileWanted(answer, AbortSignal.timeout(ANSWER_MS)) };
  } catch {
    // It ended meanwhile, or does not answer.
    transport.close();
    return undefined;
  }
}
