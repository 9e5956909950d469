import { messageOf } from '@shared/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import pidusage, { type Status } from 'pidusage';

import type { ProcessInfo, Processes, Seen, Usage } from '../ports/processes';
import { isSameProcess } from './identity';
import {
  checkProc,
  PROC,
  parseStat,
  readProcFile,
  readStat,
  readTable,
  type Stat,
  toInfo,
  usageOf,
} from './linux-proc';
import { countConnections, findListeners } from './linux-sockets';
import { known, mapSeen, unknown } from './seen';

/** Processes as /proc shows them. */
export function linuxProcesses(): Processes {
  return {
    list: async () => mapSeen(tableOfThisTurn(), (table) => table.map(toInfo)),
    read: async (pid) => attempt(() => readOne(pid)),
    carrying: findCarriers,
    listeners: async (port, candidates) => attempt(() => findListeners(port, candidates)),
    connections: async (port) => attempt(() => countConnections(port)),
    usage: readUsage,
  };
}

let thisTurn: Seen<Stat[]> | undefined;

/** Who asks for the table and for the carriers of a mark in one turn of the loop sees one moment, read once. */
function tableOfThisTurn(): Seen<Stat[]> {
  if (thisTurn === undefined) {
    thisTurn = readTable();
    queueMicrotask(() => {
      thisTurn = undefined;
    });
  }
  return thisTurn;
}

function attempt<T>(look: () => T): Seen<T> {
  try {
    return known(look());
  } catch (error) {
    return unknown(messageOf(error));
  }
}

function readOne(pid: number): ProcessInfo | undefined {
  const line = readProcFile(`${PROC}/${pid}/stat`);
  if (line.kind === 'hidden') return hiddenProcess(pid);
  if (line.kind === 'ended') {
    checkProc();
    return undefined;
  }
  const stat = parseStat(pid, line.data.toString('utf8'));
  const file = readProcFile(`${PROC}/${pid}/cmdline`);
  if (file.kind === 'ended') return undefined;
  const text = file.kind === 'read' ? file.data.toString('utf8').split('\0').join(' ').trim() : '';
  // Zombies and threads of the kernel have none.
  return { ...toInfo(stat), command: text === '' ? stat.command : text };
}

/** Another user's on a system that shows each user only his own (`hidepid`). */
function hiddenProcess(pid: number): ProcessInfo {
  return { pid, ppid: 0, pgid: 0, startTime: '', command: 'a program of another user', state: '?' };
}

/** An environment is empty for a moment while its process is replaced by another program (execve). */
const EXEC_MS = 2;

async function findCarriers(name: string, value: string, since = ''): Promise<Seen<ProcessInfo[]>> {
  const table = tableOfThisTurn();
  if (!table.known) return table;
  const others = table.value.filter(
    ({ pid, state, startTime, isKernelThread }) =>
      pid !== process.pid && state !== 'Z' && !isKernelThread && !isOlder(startTime, since),
  );
  try {
    const marker = Buffer.from(`${name}=${value}`);
    const first = others.map((stat) => ({ stat, carries: carries(stat, marker) }));
    const empty = first.filter(({ carries }) => carries === 'empty').map(({ stat }) => stat);
    if (empty.length > 0) await sleep(EXEC_MS);
    const late = empty.filter((stat) => carries(stat, marker) === 'yes');
    const early = first.filter(({ carries }) => carries === 'yes').map(({ stat }) => stat);
    return known([...early, ...late].map(toInfo));
  } catch (error) {
    return unknown(messageOf(error));
  }
}

/** Starts are ticks since the boot, which no change of the clock touches: what is older was not started by it. */
function isOlder(startTime: string, since: string): boolean {
  return /^\d+$/.test(since) && Number(startTime) < Number(since);
}

function carries(stat: Stat, marker: Buffer): 'yes' | 'no' | 'empty' {
  const file = readProcFile(`${PROC}/${stat.pid}/environ`);
  if (file.kind !== 'read') return 'no';
  if (file.data.length === 0) return 'empty';
  // Read again, because the number may have been given to another process since the table.
  return holds(file.data, marker) && isSameProcess(stat, readStat(stat.pid)) ? 'yes' : 'no';
}

/** Whether one of the strings, each ended by a zero byte, is the marker. */
function holds(environment: Buffer, marker: Buffer): boolean {
  for (let at = environment.indexOf(marker); at !== -1; at = environment.indexOf(marker, at + 1)) {
    const end = at + marker.length;
    const begins = at === 0 || environment[at - 1] === 0;
    if (begins && (end === environment.length || environment[end] === 0)) return true;
  }
  return false;
}

/**
 * Read by pidusage, which leaves out every process that it could not read, for whatever reason: only /proc itself
 * tells whether such a one is gone.
 */
async function readUsage(pids: readonly number[]): Promise<Seen<ReadonlyMap<number, Usage>>> {
  const read: Readonly<Record<number, Status | null>> =
    pids.length === 0 ? {} : await pidusage([...pids]).catch(() => ({}));
  return attempt(() => {
    const usage = new Map<number, Usage>();
    for (const pid of pids) {
      const status = read[pid];
      const stat = status ? undefined : readStat(pid);
      if (status) usage.set(pid, { cpuMs: status.ctime, memoryBytes: status.memory });
      else if (stat) usage.set(pid, usageOf(stat));
    }
    return usage;
  });
}
