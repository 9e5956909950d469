import net from 'node:net';
import { FIRST_SUGGESTED_PORT } from '@shared/domain/profile';
import { PROFILE_FIELDS } from '@shared/domain/profile-fields';
import { DomainError } from '@shared/errors';

const PORT_MAX = PROFILE_FIELDS.port.max;
const LOOPBACK = '127.0.0.1';
/** A listener on any of these may get the clients of the loopback address. */
const OTHERS = ['0.0.0.0', '::1', '::'];

/** Whether this port can be bound now on 127.0.0.1, and nobody listens on it elsewhere. */
export async function isPortFree(port: number): Promise<boolean> {
  if ((await listenError(port, LOOPBACK)) !== undefined) return false;
  for (const address of OTHERS) {
    // Another refusal than this says nothing of the port: a machine may have no IPv6.
    if ((await listenError(port, address)) === 'EADDRINUSE') return false;
  }
  return true;
}

/** The lowest port from 10240 up that no profile uses and that is free now; gaps are used again. */
export async function nextFreePort(used: Iterable<number>): Promise<number> {
  const taken = new Set(used);
  for (let port = FIRST_SUGGESTED_PORT; port <= PORT_MAX; port++) {
    if (!taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new DomainError('conflict', `No port from ${FIRST_SUGGESTED_PORT} to ${PORT_MAX} is free.`);
}

/** The system's reason why nobody can listen there, or undefined when one can. */
function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
