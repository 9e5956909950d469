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
/** Hang detection by progress: no token, no CPU time and no log for the profile's limit. */
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

/** Whether the CPU time used between two looks is work. */
export function isCpuProgress(cpuMs: number, elapsedMs: number): boolean {
  return elapsedMs > 0 && cpuMs / elapsedMs >= BUSY_CORE_SHARE;
}
