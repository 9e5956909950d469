import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { ProcessInfo } from '@core/ports/processes';
import { isSameProcess } from '@core/processes/identity';
import { psProcesses } from '@core/processes/ps-processes';

import { MARK } from './carriers';

/** What the leader holds in memory, bytes, and how much CPU time it uses before it is ready, ms. */
export const BALLAST_BYTES = 128 * 1024 * 1024;
const CPU_MS = 1500;

/** How many connections the child keeps open to the leader. */
export const CONNECTIONS = 3;

/**
 * A leader that listens, a child of it that is connected to it, and a grandchild that was forked twice: its parent
 * has ended and it is in a session of its own. All of them have one standard input and end when that is closed, so
 * that they end with this process whatever happens to it.
 */
const PROGRAM = `
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const leave = () => process.exit(0);
process.stdin.on('end', leave).on('error', leave).resume();
const [, file, role, port] = process.argv;
const begin = (name, output, ...more) =>
  spawn(process.execPath, [file, name, ...more], {
    stdio: ['inherit', output, 'inherit'],
    detached: name === 'middle' || name === 'orphan',
  });
const line = async (child) => String((await once(child.stdout, 'data'))[0]).trim();
const roles = {
  async leader() {
    globalThis.ballast = Buffer.alloc(${BALLAST_BYTES}, 1);
    const busy = () => process.cpuUsage().user + process.cpuUsage().system < ${CPU_MS} * 1000;
    while (busy());
    const server = net.createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const child = begin('child', 'pipe', String(port));
    await line(child);
    const middle = begin('middle', 'pipe');
    const orphan = Number(await line(middle));
    if (middle.exitCode === null) await once(middle, 'exit');
    console.log(JSON.stringify({ leader: process.pid, child: child.pid, orphan, port }));
  },
  async child() {
    const sockets = Array.from({ length: ${CONNECTIONS} }, () => net.connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', leave);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    console.log('connected');
  },
  async middle() {
    const orphan = begin('orphan', 'ignore');
    process.stdout.write(String(orphan.pid), () => process.exit(0));
  },
  async orphan() {},
};
roles[role]();
`;

export interface Family {
  readonly leader: number;
  readonly child: number;
  /** Forked twice. */
  readonly orphan: number;
  /** Where the leader listens, on 127.0.0.1. */
  readonly port: number;
  /** The value of {@link MARK} that all three carry. */
  readonly nonce: string;
  /** Ends all of them. @returns those that were left, each as a number. */
  end(): Promise<number[]>;
}

const END_MS = 10_000;
const STEP_MS = 50;

/** The program's name, by which a command line that was read is known. */
export const FAMILY_FILE = 'mlx-manager-family.cjs';

export interface FamilyOptions {
  /** Where its program is written. */
  readonly folder: string;
  readonly nonce: string;
  /** Ends it as well. */
  readonly signal: AbortSignal;
}

/** @throws when it does not come up. */
export async function startFamily({ folder, nonce, signal }: FamilyOptions): Promise<Family> {
  const file = join(folder, FAMILY_FILE);
  await writeFile(file, PROGRAM);
  const leader = spawn(process.execPath, [file, 'leader'], {
    env: { ...process.env, [MARK]: nonce },
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const close = (): void => {
    leader.stdin.end();
  };
  leader.stdin.on('error', () => undefined);
  signal.addEventListener('abort', close);
  const failed = once(leader, 'exit').then(() => {
    throw new Error('the processes to look at could not be started');
  });
  const lines = createInterface({ input: leader.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string];
  failed.catch(() => undefined);
  const pids = JSON.parse(line) as Pick<Family, 'leader' | 'child' | 'orphan' | 'port'>;
  const members = [pids.leader, pids.child, pids.orphan];
  const known = await identities(members);
  return {
    ...pids,
    nonce,
    async end() {
      signal.removeEventListener('abort', close);
      close();
      const left = await leftOf(known, END_MS);
      for (const { pid } of left) process.kill(pid, 'SIGKILL');
      return (await leftOf(known, END_MS)).map(({ pid }) => pid);
    },
  };
}

async function identities(pids: readonly number[]): Promise<ProcessInfo[]> {
  const table = await psProcesses(false).list();
  return table.known ? table.value.filter(({ pid }) => pids.includes(pid)) : [];
}

/** Those of the processes that are still there after the time, being the very same ones. */
async function leftOf(known: readonly ProcessInfo[], limitMs: number): Promise<ProcessInfo[]> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const now = await identities(known.map(({ pid }) => pid));
    const left = known.filter((one) => {
      const found = now.find(({ pid }) => pid === one.pid);
      return isSameProcess(one, found) && found?.state.startsWith('Z') !== true;
    });
    if (left.length === 0 || performance.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
