import { BUSY_CORE_SHARE } from '../../metrics/cpu-share';

/** When something last showed that a server makes progress, by the monotonic clock in ms. */
export interface HangFacts {
  readonly now: number;
  readonly lastProgress: number;
  /** Planned time of this look; a much later one means that the machine slept. */
  readonly due: number;
  readonly limitMs: number;
}

export type HangVerdict = 'fine' | 'suspect' | 'hung' | 'slept';

/** A look this much later than planned was a sleep of the machine, not a hang of the server. */
const SLEPT_MS = 10_000;
/** Hang detection by progress: no token, no work and no log for the profile's limit. */
export function judgeHang(facts: HangFacts): HangVerdict {
  if (facts.now - facts.due > SLEPT_MS) return 'slept';
  const silent = facts.now - facts.lastProgress;
  if (silent >= facts.limitMs) return 'hung';
  return silent >= facts.limitMs * 0.75 ? 'suspect' : 'fine';
}

/** How often to look, in ms. */
export function hangInterval(limitMs: number): number {
  return Math.min(10_000, Math.max(500, limitMs / 6));
}

/** Whether a token should be asked for: nothing else has shown progress for half of the limit. */
export function isProbeDue(facts: Pick<HangFacts, 'now' | 'lastProgress' | 'limitMs'>): boolean {
  return facts.now - facts.lastProgress >= facts.limitMs / 2;
}

/** What a tree of processes has used and holds at one moment. */
export interface Work {
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** A cache that grows by less is no work: allocators give back and take a little now and then. */
const GROWTH_BYTES = 4_000_000;

/**
 * Whether it worked between two looks. Where the GPU reads a long prompt the CPU may have next to nothing to do, and
 * what grows then is the cache of keys and values.
 */
export function isWork(before: Work, after: Work, elapsedMs: number): boolean {
  const share = (after.cpuMs - before.cpuMs) / elapsedMs;
  const grown = Math.abs(after.memoryBytes - before.memoryBytes);
  return elapsedMs > 0 && (share >= BUSY_CORE_SHARE || grown >= GROWTH_BYTES);
}
