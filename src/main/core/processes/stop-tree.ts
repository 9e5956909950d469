import type { Clock } from '../ports';
import { findListeners } from './port-owner';
import { isSameProcess, type ProcessInfo, readProcessTable, treeOf } from './process-table';

export interface StopTarget {
  readonly pid: number;
  readonly startTime: string;
  readonly pgid: number;
  /** Port that must be closed afterwards. */
  readonly port?: number;
  /** Processes seen in the tree earlier: those that left the group and lost their parent are still ours. */
  readonly seen: readonly ProcessInfo[];
}

export interface StopOutcome {
  readonly gone: boolean;
  /** Whether SIGKILL was needed. */
  readonly killed: boolean;
  readonly survivors: readonly ProcessInfo[];
  readonly portOpen: boolean;
  readonly milliseconds: number;
}

/** How long SIGKILL may take before the tree counts as stuck. */
const KILL_WAIT_MS = 5000;

/**
 * SIGTERM to the group, SIGKILL after the grace to whatever is left, then proof: no process of the tree
 * and no listener of it. Signals nothing whose identity does not match.
 */
export async function stopTree(
  target: StopTarget,
  options: { readonly graceMs: number; readonly clock: Clock },
): Promise<StopOutcome> {
  const { clock } = options;
  const began = clock.monotonic();
  const known = new Map(target.seen.map((info) => [info.pid, info]));
  const look = async (): Promise<ProcessInfo[]> => {
    const left = await remaining(target, known);
    for (const info of left) known.set(info.pid, info);
    return left;
  };

  let left = await look();
  if (left.length > 0) signalAll(left, target.pgid, 'SIGTERM');
  left = await waitGone(look, left, options.graceMs, clock);
  const killed = left.length > 0;
  const killDeadline = clock.monotonic() + KILL_WAIT_MS;
  while (left.length > 0 && clock.monotonic() < killDeadline) {
    // Again each round: a process may fork between the look and the signal.
    signalAll(left, target.pgid, 'SIGKILL');
    left = await waitGone(look, left, 100, clock);
  }
  const portOpen =
    target.port !== undefined && left.length > 0 && (await listens(left, target.port));
  return {
    gone: left.length === 0,
    killed,
    survivors: left,
    portOpen,
    milliseconds: clock.monotonic() - began,
  };
}

/** The live processes of the tree, found by group, by parent and by remembered identity. */
export async function remaining(
  target: StopTarget,
  known: ReadonlyMap<number, ProcessInfo>,
): Promise<ProcessInfo[]> {
  const table = await readProcessTable();
  const byPid = new Map(table.map((info) => [info.pid, info]));
  const root = byPid.get(target.pid);
  // A reused pid (or group number) is a stranger: then only remembered identities count.
  const rootIsOurs = root === undefined || isSameProcess(target, root);
  const found = new Map<number, ProcessInfo>();
  if (rootIsOurs) {
    for (const info of treeOf(table, target.pid, target.pgid)) found.set(info.pid, info);
  }
  for (const info of known.values()) {
    const now = byPid.get(info.pid);
    if (!now || now.state === 'Z' || !isSameProcess(info, now)) continue;
    for (const member of treeOf(table, now.pid, -1)) found.set(member.pid, member);
  }
  return [...found.values()];
}

function signalAll(left: readonly ProcessInfo[], pgid: number, signal: NodeJS.Signals): void {
  if (left.some((info) => info.pgid === pgid)) send(-pgid, signal);
  for (const info of left) if (info.pgid !== pgid) send(info.pid, signal);
  // A stopped process takes SIGTERM only when it continues.
  if (signal === 'SIGTERM')
    for (const info of left) if (info.state === 'T') send(info.pid, 'SIGCONT');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it ended by itself. EPERM: not ours to signal; the proof afterwards shows it as a survivor.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

async function waitGone(
  look: () => Promise<ProcessInfo[]>,
  before: ProcessInfo[],
  limitMs: number,
  clock: Clock,
): Promise<ProcessInfo[]> {
  const deadline = clock.monotonic() + limitMs;
  let left = before;
  let pause = 5;
  while (left.length > 0) {
    const wait = Math.min(pause, Math.max(1, deadline - clock.monotonic()));
    await new Promise<void>((resolve) => clock.setTimeout(resolve, wait));
    left = await look();
    if (clock.monotonic() >= deadline) break;
    pause = Math.min(pause * 2, 100);
  }
  return left;
}

async function listens(left: readonly ProcessInfo[], port: number): Promise<boolean> {
  const pids = left.map((info) => info.pid);
  return (await findListeners(port, pids)).length > 0;
}
