import type { Clock } from '../../ports';

/** How often requests under way are counted while their end is waited for, ms. */
const LOOK_MS = 50;

/**
 * Waits until nothing is under way behind shut doors. False where it is no longer wanted.
 * @param count requests under way of a profile, as the data plane itself counts them: what it tells by itself may be late.
 */
export async function drained(
  profileIds: readonly string[],
  count: (profileId: string) => Promise<number>,
  isWanted: () => boolean,
  clock: Clock,
): Promise<boolean> {
  while (isWanted()) {
    const counts = await Promise.all(profileIds.map(count));
    if (counts.every((underWay) => underWay === 0)) return true;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, LOOK_MS));
  }
  return false;
}

/** Resolves when the work has ended, or after so many ms; the work goes on then. Rejects as the work does. */
export async function orAfter(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.setTimeout(resolve, ms);
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
