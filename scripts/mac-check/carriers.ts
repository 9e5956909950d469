import { setTimeout as pause } from 'node:timers/promises';

import type { Seen } from '@core/ports/processes';
import { openProcesses } from '@core/processes/open-processes';

/** The variable of the environment by which what a check started is found. */
export const MARK = 'MLX_MANAGER_CHECK';

/** How long they may take to end by themselves, ms. */
const TERM_MS = 3000;
const STEP_MS = 50;

/** Processes that carry one of the marks, by their pids. */
export async function carriersOf(marks: readonly string[]): Promise<number[]> {
  const processes = openProcesses();
  const seen = await Promise.all(marks.map((mark) => processes.carrying(MARK, mark)));
  return seen.flatMap((one) => told('the process table', one)).map(({ pid }) => pid);
}

/** Ends each of them by its number, first politely. What carries a mark was started by these checks alone. */
export async function endCarriers(marks: readonly string[]): Promise<void> {
  const deadline = performance.now() + TERM_MS;
  signalAll(await carriersOf(marks), 'SIGTERM');
  while ((await carriersOf(marks)).length > 0 && performance.now() < deadline) await pause(STEP_MS);
  signalAll(await carriersOf(marks), 'SIGKILL');
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** @throws with the reason where it could not be told. */
export function told<T>(who: string, seen: Seen<T>): T {
  if (!seen.known) throw new Error(`${who} could not tell: ${seen.reason}`);
  return seen.value;
}
