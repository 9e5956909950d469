import { sleep } from '../../ports/clock';
import type { Clock } from '../../ports';
import type { Processes } from '../../ports/processes';
import type { ServerProcess } from '../launch/server-process';

/** How often the workers are looked for. */
const LOOK_MS = 1000;

export interface WorkerWatchInput {
  readonly process: ServerProcess;
  readonly processes: Processes;
  /** What the command of a worker matches: the child that holds the model. */
  readonly pattern: RegExp;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Without a pid: it was gone before it was seen. */
  readonly onLost: (pid?: number) => void;
}

/**
 * Tells when a worker of a running engine is gone: such an engine goes on saying that it is well, and
 * begins another worker only with the next request.
 */
export async function watchWorkers(input: WorkerWatchInput): Promise<void> {
  const { process, processes, pattern, clock, signal, onLost } = input;
  /** By pid: a process table has short names only, and a command line need be read but once. */
  const isWorker = new Map<number, boolean>();
  /** The workers that are there; undefined where that cannot be told. */
  const look = async (): Promise<number[] | undefined> => {
    const table = await processes.list();
    if (!table.known) return undefined;
    const pids = process.treeIn(table.value).map(({ pid }) => pid);
    for (const pid of pids) {
      if (isWorker.has(pid)) continue;
      const info = await processes.read(pid);
      if (info.known) isWorker.set(pid, pattern.test(info.value?.command ?? ''));
    }
    for (const pid of isWorker.keys()) if (!pids.includes(pid)) isWorker.delete(pid);
    return pids.filter((pid) => isWorker.get(pid));
  };
  let known = await look();
  // One has just generated the token that proved the engine ready.
  if (known?.length === 0 && !signal.aborted) onLost();
  while (!signal.aborted) {
    await sleep(clock, LOOK_MS, signal);
    if (signal.aborted || process.exit) return;
    const now = await look();
    if (now === undefined) continue;
    for (const pid of known ?? []) if (!now.includes(pid)) onLost(pid);
    known = now;
  }
}
