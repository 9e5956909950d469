import type { ManagerInfo } from '@shared/contract';
import { createClient } from '@shared/rpc/client';
import { connectSocket } from './socket-transport';

/** Who runs on this data folder, asked over its socket; undefined when nobody answers. */
export async function askRunningManager(socket: string): Promise<ManagerInfo | undefined> {
  const transport = await connectSocket(socket);
  if (transport === undefined) return undefined;
  try {
    return await createClient(transport).call('app.info');
  } finally {
    transport.close();
  }
}
