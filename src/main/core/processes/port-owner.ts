import { readdir, readFile, readlink } from 'node:fs/promises';
import net from 'node:net';
import { execa } from 'execa';
import { readProcess } from './process-table';

export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

/** Who listens on the TCP port, or undefined when nobody does or it belongs to another user. */
export async function findPortOwner(port: number): Promise<PortOwner | undefined> {
  const [pid] = await findListeners(port);
  if (pid === undefined) return undefined;
  const info = await readProcess(pid);
  return { pid, command: info?.command ?? 'unknown program' };
}

/**
 * Pids that listen on the port. With `candidates` only those are looked at, which is what the readiness
 * loop can afford many times a second.
 */
export async function findListeners(
  port: number,
  candidates?: readonly number[],
): Promise<number[]> {
  return process.platform === 'linux'
    ? linuxListeners(port, candidates)
    : lsofListeners(port, candidates);
}

/** Whether anything accepts a connection on this port of the loopback address. */
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

/** State of a listening socket in /proc/net/tcp (include/net/tcp_states.h: TCP_LISTEN). */
const TCP_LISTEN = '0A';

async function linuxListeners(port: number, candidates?: readonly number[]): Promise<number[]> {
  const inodes = await listeningInodes(port);
  if (inodes.size === 0) return [];
  const pids =
    candidates ?? (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const holds = await Promise.all(pids.map((pid) => holdsSocket(pid, inodes)));
  return pids.filter((_, index) => holds[index]);
}

async function listeningInodes(port: number): Promise<Set<string>> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'latin1').catch(() => '')),
  );
  const inodes = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(suffix) && fields[3] === TCP_LISTEN && fields[9]) inodes.add(fields[9]);
  }
  return inodes;
}

async function holdsSocket(pid: number, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  // Not readable: another user's process, or it has just ended. Either way it is none of ours.
  const fds = await readdir(folder).catch(() => []);
  for (const fd of fds) {
    const target = await readlink(`${folder}/${fd}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function lsofListeners(port: number, candidates?: readonly number[]): Promise<number[]> {
  const only = candidates ? ['-a', '-p', candidates.join(',')] : [];
  const result = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', ...only, '-Fp'], {
    reject: false,
    timeout: 10_000,
  });
  return [...(result.stdout ?? '').matchAll(/^p(\d+)$/gm)].map((match) => Number(match[1]));
}

/** State of an open connection in /proc/net/tcp (include/net/tcp_states.h: TCP_ESTABLISHED). */
const TCP_ESTABLISHED = '01';

/** How many connections to this listening port are open now, counted at the server's end. */
export async function countConnections(port: number, pid: number): Promise<number> {
  if (process.platform !== 'linux') {
    const args = ['-nP', '-a', '-p', String(pid), `-iTCP:${port}`, '-sTCP:ESTABLISHED', '-Ff'];
    const result = await execa('lsof', args, { reject: false, timeout: 5000 });
    return [...(result.stdout ?? '').matchAll(/^f/gm)].length;
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const text = await readFile('/proc/net/tcp', 'latin1').catch(() => '');
  return text.split('\n').filter((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(suffix) && state === TCP_ESTABLISHED;
  }).length;
}
