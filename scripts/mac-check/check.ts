import { messageOf } from '@shared/errors';

/** `not here`: the check has nothing to look at on this machine, and `seen` says what is missing. */
export type State = 'ok' | 'not ok' | 'not here';

/** What a check found. */
export interface Finding {
  readonly state: State;
  /** What was seen, or why nothing was looked at: one line. */
  readonly seen: string;
}

export interface Check {
  readonly name: string;
  /** After this it counts as not ok, ms. */
  readonly limitMs?: number;
  /** Whatever it throws makes it not ok. It ends what it started, also when `signal` aborts. */
  readonly run: (signal: AbortSignal) => Promise<Finding>;
}

export interface Result extends Finding {
  readonly name: string;
  readonly ms: number;
}

export const ok = (seen: string): Finding => ({ state: 'ok', seen });
export const notOk = (seen: string): Finding => ({ state: 'not ok', seen });
export const notHere = (reason: string): Finding => ({ state: 'not here', seen: reason });

/** Ok where nothing is wrong, else what is. */
export function judge(wrong: readonly string[], seen: string): Finding {
  return wrong.length === 0 ? ok(seen) : notOk(`${wrong.slice(0, 3).join('; ')} (${seen})`);
}

/** A check that has nothing to look at on another system. */
export function onMac(check: Check, platform: NodeJS.Platform = process.platform): Check {
  return platform === 'darwin' ? check : { ...check, run: async () => notHere('macOS alone') };
}

const LIMIT_MS = 30_000;
/** How long a check that was aborted may take to end what it started, ms. */
const END_MS = 15_000;

/**
 * Runs one check. It never rejects and takes no longer than its limit and the time to clean up; only a call of the
 * system's library that never returns could hold it up, since that holds up the whole process.
 */
export async function runCheck(check: Check): Promise<Result> {
  const began = performance.now();
  const { limitMs = LIMIT_MS } = check;
  const stop = new AbortController();
  const run = check.run(stop.signal).catch((error: unknown) => notOk(messageOf(error)));
  const late = await settledWithin(run, limitMs);
  if (!late) return { name: check.name, ...(await run), ms: performance.now() - began };
  stop.abort();
  const isStuck = await settledWithin(run, END_MS);
  const seen = `no answer within ${limitMs / 1000} s${isStuck ? ', and it did not clean up' : ''}`;
  return { name: check.name, state: 'not ok', seen, ms: performance.now() - began };
}

/** False when the work has settled within the time, true when it is still going. */
async function settledWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(true), ms);
  try {
    return await Promise.race([work.then(() => false), promise]);
  } finally {
    clearTimeout(timer);
  }
}
