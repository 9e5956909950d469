import type { Clock } from '../ports';
import { sleep } from '../ports/clock';
import type { ProcessInfo, Processes, Seen } from '../ports/processes';
import { guardedProcesses } from './guarded';
import { findTree, type Signal, type TreeRoot } from './process-tree';
import { known } from './seen';
import { FIRST_STATE, nextStep, type TreeLook } from './stop-policy';

export interface StopTarget extends TreeRoot {
  /** What every process of the run carries in its environment. */
  readonly mark?: { readonly name: string; readonly value: string };
  /** Port that the tree has listened on. */
  readonly port?: number;
  /** Members seen earlier. */
  readonly seen: readonly ProcessInfo[];
  /** The root was under watch until it ended; see `TreeClues`. */
  readonly wasWatched: boolean;
}

export interface StopOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Between SIGTERM and SIGKILL, ms. */
  readonly graceMs: number;
  /** How long it may stay unknown what is left, ms. */
  readonly patienceMs?: number;
  /** Settles when the root has ended, where that is told: then it is looked again at once. */
  readonly rootEnded?: Promise<unknown>;
  /** kill(2); another one in tests. */
  readonly send?: (target: number, signal: NodeJS.Signals) => void;
}

/** How a stop ended. Only `gone` is a proof: a complete look has shown no process of the tree. */
export type StopOutcome = {
  /** Whether SIGKILL was needed. */
  readonly killed: boolean;
  readonly milliseconds: number;
} & (
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'survivors';
      readonly survivors: readonly ProcessInfo[];
      /** Whether one of them still listens on the port; undefined where that could not be told. */
      readonly portOpen: boolean | undefined;
    }
  | { readonly kind: 'unknown'; readonly reason: string }
);

/** How long SIGKILL may take before the tree counts as stuck. */
const KILL_MS = 5000;
const PATIENCE_MS = 10_000;
/** How long one look may take. */
const LOOK_MS = 5000;

/**
 * SIGTERM to the tree, SIGKILL after the grace to whatever is left, then proof. Signals nothing whose identity
 * was not just seen to match.
 */
export async function stopTree(target: StopTarget, options: StopOptions): Promise<StopOutcome> {
  const { clock, graceMs, patienceMs = PATIENCE_MS, send = sendSignal } = options;
  const processes = guardedProcesses(options.processes, clock, LOOK_MS);
  const limits = { graceMs, killMs: KILL_MS, patienceMs, pgid: target.pgid };
  const began = clock.monotonic();
  const remembered = [...target.seen];
  const pause = pauseOf(clock, options.rootEnded);
  let state = FIRST_STATE;
  let wide = true;
  for (;;) {
    const look = await lookAtTree(target, remembered, wide, processes);
    if (look.known) remember(remembered, look.members);
    const step = nextStep(look, state, clock.monotonic(), limits);
    if (step.kind === 'again') {
      for (const signal of step.signals) send(signal.target, signal.name);
      await pause(step.waitMs);
      ({ next: state, wide } = step);
      continue;
    }
    const killed = state.killEnd !== undefined;
    const end = { killed, milliseconds: clock.monotonic() - began };
    if (step.kind !== 'survivors') return { ...end, ...step };
    return { ...end, ...step, portOpen: await listens(step.survivors, target.port, processes) };
  }
}

/** Waits, at most until the root ends; that cuts one wait short, since what is left afterwards ends in its own time. */
function pauseOf(clock: Clock, rootEnded: Promise<unknown> | undefined) {
  let ended = rootEnded;
  return async (ms: number): Promise<void> => {
    if (!ended) return sleep(clock, ms);
    const over = new AbortController();
    const isEnded = ended.then(() => {
      ended = undefined;
    });
    await Promise.race([sleep(clock, ms, over.signal), isEnded]);
    over.abort();
  };
}

/** One look at what is alive of a tree: by its group, its descent, what is remembered, and (wide) its mark. */
export async function lookAtTree(
  target: StopTarget,
  remembered: readonly ProcessInfo[],
  wide: boolean,
  processes: Processes,
): Promise<TreeLook> {
  const { mark } = target;
  const [table, carriers] = await Promise.all([
    processes.list(),
    wide && mark ? processes.carrying(mark.name, mark.value, target.startTime) : NOBODY,
  ]);
  if (!table.known) return table;
  const members = findTree(table.value, target, {
    remembered,
    carriers: carriers.known ? carriers.value : [],
    wasWatched: target.wasWatched,
  });
  const notAsked = !wide && mark !== undefined;
  const missing = !carriers.known ? carriers : notAsked ? 'carriers' : 'nothing';
  return { known: true, members, table: table.value, missing };
}

const NOBODY: Seen<readonly ProcessInfo[]> = known([]);

function remember(remembered: ProcessInfo[], members: readonly ProcessInfo[]): void {
  const keys = new Set(remembered.map((info) => `${info.pid} ${info.startTime}`));
  remembered.push(...members.filter((info) => !keys.has(`${info.pid} ${info.startTime}`)));
}

function sendSignal(target: Signal['target'], name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    // ESRCH: it ended by itself. EPERM: not ours to signal; the proof afterwards shows it as a survivor.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

async function listens(
  survivors: readonly ProcessInfo[],
  port: number | undefined,
  processes: Processes,
): Promise<boolean | undefined> {
  if (port === undefined) return false;
  const seen = await processes.listeners(
    port,
    survivors.map(({ pid }) => pid),
  );
  return seen.known ? seen.value.length > 0 : undefined;
}
