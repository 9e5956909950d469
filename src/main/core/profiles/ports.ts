import net from 'node:net';
import { FIRST_SUGGESTED_PORT, PORT_MAX } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

/** Addresses that must all be free: a listener on any of them gets the clients of 127.0.0.1. */
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '::1'];

/** Whether nothing listens on this port now. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of ADDRESSES) if (!(await canListen(port, address))) return false;
  return true;
}

/** The lowest port from 10240 up that no profile uses and that is free now; gaps are used again (P6). */
export async function nextFreePort(used: Iterable<number>): Promise<number> {
  const taken = new Set(used);
  for (let port = FIRST_SUGGESTED_PORT; port <= PORT_MAX; port++) {
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new DomainError('conflict', `No port from ${FIRST_SUGGESTED_PORT} to ${PORT_MAX} is free.`);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
