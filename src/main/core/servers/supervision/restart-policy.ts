import type { ServerProfile } from '@shared/domain/profile';
import type { FailureCode } from '@shared/errors';

/** One earlier failure of a server, by the monotonic clock. */
export interface PastFailure {
  readonly at: number;
  readonly code: FailureCode;
  /** What was failing, in one line: equal signatures mean the same failure. */
  readonly signature: string;
  readonly whileLoading: boolean;
}

export interface ExitFacts extends PastFailure {
  readonly wasReady: boolean;
  /** Ended by itself with code 0, or by a SIGTERM or SIGINT that was not ours. */
  readonly cleanExit: boolean;
}

export type RestartDecision =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly why: string };

/** A retry cannot mend these: the first one is the end. */
const PERMANENT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'port_in_use',
  'model_missing',
  'model_incomplete',
  'unsupported_architecture',
  'bad_option',
  'engine_missing',
  'permission',
  'custom_code',
]);

const WINDOW_MS = 10 * 60_000;
const MAX_FAILURES = 5;
const SAME_WHILE_LOADING = 3;
const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 60_000;
const JITTER = 0.2;
/** Ready for this long forgets earlier failures. */
export const RESET_AFTER_READY_MS = 60_000;

export function isPermanent(code: FailureCode): boolean {
  return PERMANENT.has(code);
}

/**
 * What to do after a process ended or a start failed. `past` holds the failures since the last
 * reset, the newest last, without `now`; `random` is in [0, 1).
 */
export function decideRestart(
  policy: ServerProfile['restart'],
  now: ExitFacts,
  past: readonly PastFailure[],
  random: number,
): RestartDecision {
  if (now.wasReady && now.cleanExit && policy !== 'always') return { kind: 'stopped' };
  if (isPermanent(now.code)) return { kind: 'failed', why: "Restarting won't fix this." };
  if (policy === 'never')
    return { kind: 'failed', why: "This profile doesn't restart automatically." };
  const all = [...past, now];
  const recent = all.filter((failure) => now.at - failure.at <= WINDOW_MS);
  if (recent.length >= MAX_FAILURES) {
    return {
      kind: 'failed',
      why: `Failed ${recent.length} times in 10 minutes, so it won't restart automatically.`,
    };
  }
  const same = all.slice(-SAME_WHILE_LOADING);
  const repeated =
    same.length === SAME_WHILE_LOADING &&
    same.every((failure) => failure.whileLoading && failure.signature === now.signature);
  if (repeated) {
    return {
      kind: 'failed',
      why: "Failed the same way three times while loading, so it won't restart automatically.",
    };
  }
  return { kind: 'retry', delayMs: backoffMs(recent.length, random) };
}

/** Delay before the next try: none after the first failure, then 250 ms doubling to 60 s, 20 % jitter. */
export function backoffMs(failures: number, random: number): number {
  if (failures <= 1) return 0;
  const base = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 2));
  return Math.round(base * (1 + JITTER * (2 * random - 1)));
}
