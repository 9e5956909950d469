import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import type { FromDataPlane, Listening } from '@shared/gateway/plane';
import { answerToBroken, LIMITS, serverOptions } from './doors/limits';

export interface ListenersOptions {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly post: (message: FromDataPlane) => void;
}

/** Codes of an address that this machine does not have, e.g. `::1` where IPv6 is off: no fault where another one works. */
const NO_SUCH_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** The sockets on which the gateway listens, one server for each address. */
export class Listeners {
  readonly #options: ListenersOptions;
  #servers: Server[] = [];
  /** What is under way: two that open at once would each leave the other's sockets open. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** Listens on all addresses or on none; what was listened on before is closed first. Tells what became of it. */
  listen(listening: Listening): Promise<void> {
    return this.#inTurn(async () => {
      await this.#close(0);
      await this.#listen(listening);
    });
  }

  /** No new connections; answers under way get this long, ms. */
  close(withinMs: number): Promise<void> {
    return this.#inTurn(() => this.#close(withinMs));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    // Whoever asked for it hears of a failure; what comes next does not depend on it.
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #listen({ port, hosts }: Listening): Promise<void> {
    const opened: { server: Server; host: string }[] = [];
    let chosen = port;
    try {
      for (const host of hosts) {
        const server = this.#create();
        try {
          chosen = await open(server, host, chosen);
        } catch (error) {
          if (opened.length > 0 && NO_SUCH_ADDRESS.has(Object(error).code)) continue;
          throw Object.assign(error instanceof Error ? error : new Error(String(error)), { host });
        }
        opened.push({ server, host });
      }
    } catch (error) {
      for (const { server } of opened) server.close();
      const { code = 'UNKNOWN', host = hosts[0], message } = Object(error);
      this.#options.post({ type: 'notListening', host, code, message });
      return;
    }
    this.#servers = opened.map(({ server }) => server);
    this.#options.post({ type: 'listening', port: chosen, hosts: opened.map(({ host }) => host) });
  }

  async #close(withinMs: number): Promise<void> {
    const servers = this.#servers;
    this.#servers = [];
    await Promise.all(
      servers.map(async (server) => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeIdleConnections();
        // What is left of the time for answers under way.
        const timer = setTimeout(() => server.closeAllConnections(), withinMs);
        await closed;
        clearTimeout(timer);
      }),
    );
  }

  #create(): Server {
    const { handle } = this.#options;
    const server = createServer(serverOptions(), handle);
    server.maxConnections = LIMITS.connections;
    server.maxHeadersCount = 0;
    // The client's word is given once the head has passed, before a byte of the body is asked for.
    server.on('checkContinue', handle);
    server.on('checkExpectation', handle);
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const answer = socket.writable ? answerToBroken(error.code) : undefined;
      if (answer === undefined) socket.destroy();
      else socket.end(answer);
    });
    return server;
  }
}

/** @returns the port, which the system chooses for 0. */
function open(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Another program's listener on the same port is refused, also where the system would share it.
    server.listen({ host, port, exclusive: true, ipv6Only: host.includes(':') }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
