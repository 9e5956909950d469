import { messageOf } from '@shared/errors';
import type { Clock } from '../ports';
import type { ProcessInfo, Processes, Seen } from '../ports/processes';
import { unknown } from './seen';

/** The answer, or unknown when it takes longer or fails: nobody is to wait for one answer for ever. */
async function answerWithin<T>(
  clock: Clock,
  limitMs: number,
  ask: () => Promise<Seen<T>>,
): Promise<Seen<T>> {
  return new Promise((resolve) => {
    const cancel = clock.setTimeout(
      () => resolve(unknown(`the system did not answer within ${Math.round(limitMs / 1000)} s`)),
      limitMs,
    );
    const settle = (seen: Seen<T>): void => {
      cancel();
      resolve(seen);
    };
    ask().then(settle, (error: unknown) => settle(unknown(messageOf(error))));
  });
}

/** How long the port may take for one answer, by its contract. */
const LIMIT_MS = 10_000;

/**
 * The same port, held to what it promises: an answer in time, never a rejection, and no table that lacks this
 * process itself, which was cut off somewhere.
 */
export function guardedProcesses(
  processes: Processes,
  clock: Clock,
  limitMs = LIMIT_MS,
): Processes {
  const within = <T>(ask: () => Promise<Seen<T>>): Promise<Seen<T>> =>
    answerWithin(clock, limitMs, ask);
  return {
    list: async () => wholeTable(await within(() => processes.list())),
    read: (pid) => within(() => processes.read(pid)),
    carrying: (name, value, since) => within(() => processes.carrying(name, value, since)),
    listeners: (port, candidates) => within(() => processes.listeners(port, candidates)),
    connections: (port, pid) => within(() => processes.connections(port, pid)),
    usage: (pids) => within(() => processes.usage(pids)),
  };
}

function wholeTable(table: Seen<readonly ProcessInfo[]>): Seen<readonly ProcessInfo[]> {
  return table.known && !table.value.some(({ pid }) => pid === process.pid)
    ? unknown('the table of processes lacks this process itself')
    : table;
}
