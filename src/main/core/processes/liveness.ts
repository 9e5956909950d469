import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Processes, Seen } from '../ports/processes';
import { type Identity, isComparable, isSameProcess } from './identity';
import { known, unknown } from './seen';

/** Pauses between looks at a process of which it could not be told whether it lives, ms. */
const PAUSES_MS = [25, 50, 100, 200, 400, 800];
/** A system that takes longer than this to say nothing is not asked again: somebody waits for the answer. */
const PATIENCE_MS = 3000;

/**
 * Whether the process that was written down lives. What cannot be told at once is asked again with growing
 * pauses, for some seconds; a start that cannot be compared with the one in the table stays unknown.
 */
export async function isAlive(
  processes: Processes,
  identity: Identity,
  pausesMs: readonly number[] = PAUSES_MS,
): Promise<Seen<boolean>> {
  return askAgain(() => look(processes, identity), pausesMs);
}

/** Who this process is, for others to recognise; the start is '' where it could not be told. */
export async function readSelf(processes: Processes): Promise<Identity> {
  const seen = await askAgain(() => processes.read(process.pid), PAUSES_MS);
  return { pid: process.pid, startTime: (seen.known && seen.value?.startTime) || '' };
}

async function askAgain<T>(
  ask: () => Promise<Seen<T>>,
  pausesMs: readonly number[],
): Promise<Seen<T>> {
  const deadline = performance.now() + PATIENCE_MS;
  let seen = await ask();
  for (const pause of pausesMs) {
    if (seen.known || performance.now() >= deadline) break;
    await sleep(pause);
    seen = await ask();
  }
  return seen;
}

async function look(processes: Processes, identity: Identity): Promise<Seen<boolean>> {
  // Where there is none with this number, no table is needed.
  if (!hasProcess(identity.pid)) return known(false);
  const now = await processes.read(identity.pid);
  if (!now.known) return now;
  if (now.value === undefined || now.value.state === 'Z') return known(false);
  if (!isComparable(identity, now.value)) {
    return unknown(`when process ${identity.pid} was started cannot be compared`);
  }
  return known(isSameProcess(identity, now.value));
}

/** Whether there is a process with this number; a zombie is one. Only ESRCH is the proof that there is none (kill(2)). */
export function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
