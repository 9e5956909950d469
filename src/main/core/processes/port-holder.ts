import net, { isIPv4, isIPv6 } from 'node:net';

import type { Listener, PortHolder, PortState, Processes } from '../ports/processes';
import { canonicalIpv6 } from './addresses';

/**
 * Whether a server could listen on this address and port now. That is tried, for no table of sockets tells it with
 * certainty; the table only says whose socket is in the way.
 */
export async function checkPort(
  processes: Processes,
  host: string,
  port: number,
): Promise<PortState> {
  const error = await tryToListen(host, port);
  if (!error) return { kind: 'free' };
  if (error.code !== 'EADDRINUSE') return { kind: 'refused', reason: error.message };
  return { kind: 'taken', holder: await findPortHolder(processes, host, port) };
}

/** Whose socket refuses this address and port; undefined where it is another user's, or cannot be told. */
export async function findPortHolder(
  processes: Processes,
  host: string,
  port: number,
): Promise<PortHolder | undefined> {
  const listeners = await processes.listeners(port);
  if (!listeners.known) return undefined;
  const [first] = listeners.value
    .filter(({ pid }) => pid !== undefined)
    .map((listener) => ({ listener, verdict: refuses(listener, host) }))
    .filter(({ verdict }) => verdict !== 'no')
    // One that certainly refuses before one of which it cannot be told.
    .sort((a, b) => Number(b.verdict === 'yes') - Number(a.verdict === 'yes'));
  const pid = first?.listener.pid;
  if (pid === undefined) return undefined;
  const info = await processes.read(pid);
  if (info.known && info.value === undefined) return undefined; // it has just ended
  return { pid, command: info.known && info.value ? info.value.command : 'unknown program' };
}

/**
 * Whether a socket keeps another one from listening on this address and the same port, as Linux has it (ip(7),
 * ipv6(7)): the same address does, and so does one that stands for all addresses. macOS lets a server have one
 * address beside another one that has all of them.
 */
export function refuses(listener: Listener, host: string): 'yes' | 'no' | 'unknown' {
  const wanted = normal(host);
  // A name: only trying tells which address it is.
  if (wanted === undefined) return 'unknown';
  const all4 = listener.address === '0.0.0.0';
  const all6 = listener.address === '::';
  const same = listener.family === wanted.family && listener.address === wanted.address;
  if (same) return 'yes';
  if (wanted.family === listener.family) {
    return all4 || all6 || wanted.isAll ? 'yes' : 'no';
  }
  // Between the families only a socket on :: that takes IPv4 as well is in the way.
  if (listener.family === 'tcp6') {
    if (!all6) return 'no';
    return listener.v6only === undefined ? 'unknown' : listener.v6only ? 'no' : 'yes';
  }
  return wanted.isAll ? 'unknown' : 'no';
}

function normal(
  host: string,
): { family: Listener['family']; address: string; isAll: boolean } | undefined {
  if (isIPv4(host)) return { family: 'tcp4', address: host, isAll: host === '0.0.0.0' };
  if (!isIPv6(host)) return undefined;
  const address = canonicalIpv6(host);
  return { family: 'tcp6', address, isAll: address === '::' };
}

/** Listens for a moment, as an engine's server would (SO_REUSEADDR and nothing else), and closes again. */
async function tryToListen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = net.createServer((socket) => socket.destroy());
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(undefined));
  });
  if (!error) await new Promise<void>((resolve) => server.close(() => resolve()));
  return error;
}

/** Whether anything accepts a connection on this port of the address. */
export function isPortOpen(port: number, host = '127.0.0.1', timeoutMs = 1000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
