import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { Listener } from '../ports/processes';
import { ipv4Text, ipv6Text, mappedIpv4 } from './addresses';
import { listPids, PROC, sorted } from './linux-proc';

/** One line of /proc/net/tcp or tcp6. */
interface Socket {
  readonly inode: string;
  readonly state: string;
  readonly listener: Omit<Listener, 'pid'>;
}

/** States of include/net/tcp_states.h, as the tables print them. */
const LISTEN = '0A';
const ESTABLISHED = '01';

/** @throws when it cannot be told. */
export function findListeners(port: number, candidates?: readonly number[]): Listener[] {
  const sockets = socketsOf(port, LISTEN);
  if (sockets.length === 0) return [];
  const held = (candidates ?? listPids()).flatMap((pid) => {
    const inodes = socketInodes(pid);
    return sockets
      .filter(({ inode }) => inodes.has(inode))
      .map(({ inode, listener }) => ({ inode, listener: { ...listener, pid } }));
  });
  const owned = held.map(({ listener }) => listener);
  if (candidates) return owned;
  const inodes = new Set(held.map(({ inode }) => inode));
  const foreign = sockets.filter(({ inode }) => !inodes.has(inode));
  return [...owned, ...foreign.map(({ listener }) => ({ ...listener, pid: undefined }))];
}

/** Only the server's end has the listening port as its own. @throws when it cannot be told. */
export function countConnections(port: number): number {
  return socketsOf(port, ESTABLISHED).length;
}

function socketsOf(port: number, state: string): Socket[] {
  return (['tcp4', 'tcp6'] as const).flatMap((family) =>
    readTable(family).flatMap((line) => {
      const socket = parseLine(line, family, port);
      return socket?.state === state ? [socket] : [];
    }),
  );
}

/** @throws but where the kernel has no IPv6, which is the proof that no socket uses it. */
function readTable(family: Listener['family']): string[] {
  try {
    const text = readFileSync(family === 'tcp4' ? `${PROC}/net/tcp` : `${PROC}/net/tcp6`, 'latin1');
    return text.split('\n').slice(1);
  } catch (error) {
    if (family === 'tcp6' && (error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * `sl local_address rem_address st ... inode`; an address is its bytes as words of 32 bits in the machine's
 * own order, a port is hexadecimal (Documentation/networking/proc_net_tcp.rst).
 */
function parseLine(line: string, family: Listener['family'], port: number): Socket | undefined {
  const [, local, , state, ...rest] = line.trim().split(/\s+/);
  const inode = rest[5];
  const [address, hexPort] = local?.split(':') ?? [];
  if (!address || !hexPort || !state || !inode || Number.parseInt(hexPort, 16) !== port) {
    return undefined;
  }
  const bytes = Buffer.from(address, 'hex').swap32();
  if (family === 'tcp4') {
    return { inode, state, listener: { family, address: ipv4Text(bytes), v6only: undefined } };
  }
  const text = ipv6Text(bytes);
  const mapped = mappedIpv4(text);
  const listener =
    mapped === undefined
      ? ({ family, address: text, v6only: undefined } as const)
      : ({ family: 'tcp4', address: mapped, v6only: undefined } as const);
  return { inode, state, listener };
}

/** The sockets that a process has open; none where it has ended or is another user's. */
function socketInodes(pid: number): ReadonlySet<string> {
  const folder = `${PROC}/${pid}/fd`;
  const names = sorted(() => readdirSync(folder));
  if (!Array.isArray(names)) return new Set();
  const inodes = names.flatMap((name) => {
    const target = sorted(() => readlinkSync(`${folder}/${name}`));
    const inode = typeof target === 'string' ? /^socket:\[(\d+)\]$/.exec(target)?.[1] : undefined;
    return inode ?? [];
  });
  return new Set(inodes);
}
