import { performance } from 'node:perf_hooks';
import type { Clock } from '.';

/** The machine's own clock. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  now: () => Date.now(),
  setTimeout(callback, ms) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when the signal aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** A step that ends this much later than planned was a sleep of the machine. */
const SLEPT_MS = 10_000;
const STEP_MS = 5000;

/**
 * As {@link sleep}, but counts only the time that the machine was awake: on macOS its timers go on through a
 * sleep (libuv reads mach_continuous_time), and a load that slept for an hour has not taken an hour.
 */
export async function sleepAwake(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  for (let left = ms; left > 0 && !signal?.aborted; ) {
    const step = Math.min(left, STEP_MS);
    const began = clock.monotonic();
    await sleep(clock, step, signal);
    const passed = clock.monotonic() - began;
    left -= passed > step + SLEPT_MS ? step : Math.max(passed, 1);
  }
}
