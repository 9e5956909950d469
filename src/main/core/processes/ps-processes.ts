import { performance } from 'node:perf_hooks';

import type { ProcessInfo, Processes, Seen, Usage } from '../ports/processes';
import { countConnections, findListeners } from './lsof';
import { PS_COLUMNS, type PsProcess, parseTable } from './ps-output';
import { badAnswer, runTool } from './run-tool';
import { known, mapSeen, unknown } from './seen';

/**
 * Whoever asks for the usage of processes has looked at the table just before, which told it as well: within
 * this time it is not asked for again, since each `ps` costs as much as everything else of a measurement.
 */
const USAGE_AGE_MS = 250;

/**
 * Processes as `ps` and `lsof` print them, for a Mac on which the system's library cannot be called. Each look
 * is a program of its own, so it is used only there. It works on Linux as well, where it is tested.
 * @param tellsMemory whether the resident size is the memory of a process: on macOS it lacks the GPU's part.
 */
export function psProcesses(tellsMemory: boolean): Processes {
  let last: { readonly at: number; readonly table: readonly PsProcess[] } | undefined;
  const look = async (): Promise<Seen<readonly PsProcess[]>> => {
    const table = await askPs(ALL);
    if (table.known) last = { at: performance.now(), table: table.value };
    return table;
  };
  const lookForUsage = async (): Promise<Seen<readonly PsProcess[]>> =>
    last && performance.now() - last.at <= USAGE_AGE_MS ? known(last.table) : look();
  return {
    list: async () => mapSeen(await look(), (table) => table.map(toInfo)),
    read: async (pid) =>
      mapSeen(await look(), (table) => {
        const found = table.find((info) => info.pid === pid);
        return found && toInfo(found);
      }),
    carrying: async (name, value) =>
      mapSeen(await askPsWithEnvironment(), (table) =>
        table.filter((info) => isCarrier(info, `${name}=${value}`)).map(toInfo),
      ),
    listeners: findListeners,
    connections: countConnections,
    usage: async (pids) =>
      pids.length === 0
        ? known(new Map())
        : mapSeen(await lookForUsage(), (table) => usageOf(table, pids, tellsMemory)),
  };
}

const ALL = ['-axww', '-o', PS_COLUMNS];
/** The environment behind the command: `-E` for the ps of macOS, `e` for the one of Linux (procps). */
const WITH_ENVIRONMENT = [
  ['-axww', '-E', '-o', PS_COLUMNS],
  ['axeww', '-o', PS_COLUMNS],
];

/** A table that lacks this process, or the `ps` that printed it, was cut off somewhere. */
async function askPs(args: readonly string[]): Promise<Seen<PsProcess[]>> {
  const answer = await runTool('ps', args);
  if (!answer.known) return answer;
  if (answer.value.code !== 0) return badAnswer('ps', answer.value);
  const table = parseTable(answer.value.stdout);
  if (!table.known) return table;
  const pids = new Set(table.value.map(({ pid }) => pid));
  const witness = answer.value.pid ?? process.pid;
  return pids.has(process.pid) && pids.has(witness)
    ? table
    : unknown('ps did not show all processes');
}

async function askPsWithEnvironment(): Promise<Seen<PsProcess[]>> {
  let answer: Seen<PsProcess[]> = unknown('ps was not asked');
  for (const args of WITH_ENVIRONMENT) {
    answer = await askPs(args);
    if (answer.known) break;
  }
  return answer;
}

function isCarrier({ pid, state, command }: PsProcess, marker: string): boolean {
  return pid !== process.pid && state !== 'Z' && ` ${command} `.includes(` ${marker} `);
}

function toInfo({ pid, ppid, pgid, startTime, command, state }: PsProcess): ProcessInfo {
  return { pid, ppid, pgid, startTime, command, state };
}

function usageOf(
  table: readonly PsProcess[],
  pids: readonly number[],
  tellsMemory: boolean,
): ReadonlyMap<number, Usage> {
  const wanted = new Set(pids);
  return new Map(
    table
      .filter(({ pid }) => wanted.has(pid))
      .map(({ pid, cpuMs, residentBytes }) => [
        pid,
        { cpuMs, memoryBytes: tellsMemory ? residentBytes : undefined },
      ]),
  );
}
