import type { ProcessInfo } from '../ports/processes';
import { planSignals, type Signal } from './process-tree';

/** One look at a tree that is being ended. */
export type TreeLook =
  | { readonly known: false; readonly reason: string }
  | {
      readonly known: true;
      readonly members: readonly ProcessInfo[];
      readonly table: readonly ProcessInfo[];
      /** What more could be of the tree: it was not looked for, or could not be told. */
      readonly missing: 'nothing' | 'carriers' | { readonly reason: string };
    };

export interface StopLimits {
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** How long SIGKILL may take before the tree counts as stuck. */
  readonly killMs: number;
  /** How long it may stay unknown what is left. */
  readonly patienceMs: number;
  readonly pgid: number;
}

/** What a stop knows of its own course; times are monotonic. */
export interface StopState {
  readonly graceEnd: number | undefined;
  readonly killEnd: number | undefined;
  readonly unknownSince: number | undefined;
  /** Pids with start times that have got SIGTERM. */
  readonly asked: ReadonlySet<string>;
  readonly pauseMs: number;
}

export const FIRST_STATE: StopState = {
  graceEnd: undefined,
  killEnd: undefined,
  unknownSince: undefined,
  asked: new Set(),
  pauseMs: 5,
};

export type StopStep =
  | { readonly kind: 'gone' }
  | { readonly kind: 'survivors'; readonly survivors: readonly ProcessInfo[] }
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'again';
      readonly signals: readonly Signal[];
      readonly waitMs: number;
      /** Whether the next look is for what carries the nonce too. */
      readonly wide: boolean;
      readonly next: StopState;
    };

/** A tree that is being ended is looked at this often at most, and one that cannot be seen. */
const SLOWEST_MS = { seen: 100, unseen: 1000 } as const;

/**
 * What follows from one look: SIGTERM to each member once, SIGKILL to all that is left after the grace, and an end
 * only when a look was complete. Unknown is asked again with growing pauses, without a signal meanwhile, since
 * none may reach a process that was not just seen to be ours.
 */
export function nextStep(
  look: TreeLook,
  state: StopState,
  now: number,
  limits: StopLimits,
): StopStep {
  if (!look.known) return waitToSee(look.reason, state, now, limits);
  const { members, missing } = look;
  if (members.length > 0) return press(look, { ...state, unknownSince: undefined }, now, limits);
  if (missing === 'nothing') return { kind: 'gone' };
  // The table shows nothing any more; the proof needs those that left it without a trace.
  if (missing === 'carriers') {
    return { kind: 'again', signals: [], waitMs: 0, wide: true, next: state };
  }
  return waitToSee(missing.reason, state, now, limits);
}

function waitToSee(reason: string, state: StopState, now: number, limits: StopLimits): StopStep {
  const unknownSince = state.unknownSince ?? now;
  if (now - unknownSince >= limits.patienceMs) return { kind: 'unknown', reason };
  const next = {
    ...state,
    unknownSince,
    pauseMs: Math.min(state.pauseMs * 2, SLOWEST_MS.unseen),
  };
  return { kind: 'again', signals: [], waitMs: state.pauseMs, wide: true, next };
}

function press(
  { members, table }: TreeLook & { known: true },
  state: StopState,
  now: number,
  { graceMs, killMs, pgid }: StopLimits,
): StopStep {
  const graceEnd = state.graceEnd ?? now + graceMs;
  const pauseMs = Math.min(state.pauseMs * 2, SLOWEST_MS.seen);
  const waitMs = Math.min(state.pauseMs, SLOWEST_MS.seen);
  if (state.graceEnd === undefined || now < graceEnd) {
    const fresh = members.filter((info) => !state.asked.has(keyOf(info)));
    return {
      kind: 'again',
      signals: [...planSignals(fresh, table, pgid, 'SIGTERM'), ...wakeUp(members)],
      waitMs: Math.min(waitMs, Math.max(1, graceEnd - now)),
      wide: false,
      next: {
        ...state,
        graceEnd,
        pauseMs,
        asked: new Set([...state.asked, ...members.map(keyOf)]),
      },
    };
  }
  const killEnd = state.killEnd ?? now + killMs;
  if (now >= killEnd) return { kind: 'survivors', survivors: members };
  // Again each round: a process may fork between the look and the signal.
  return {
    kind: 'again',
    signals: planSignals(members, table, pgid, 'SIGKILL'),
    waitMs: state.killEnd === undefined ? FIRST_STATE.pauseMs : waitMs,
    wide: false,
    next: { ...state, graceEnd, killEnd, pauseMs },
  };
}

/** A stopped process takes SIGTERM only when it continues; one may stop after it was sent. */
function wakeUp(members: readonly ProcessInfo[]): Signal[] {
  const stopped = members.filter(({ state }) => state === 'T');
  return stopped.flatMap((info) => planSignals([info], [], 0, 'SIGCONT'));
}

function keyOf({ pid, startTime }: ProcessInfo): string {
  return `${pid} ${startTime}`;
}
