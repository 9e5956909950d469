import { sleepAwake } from '@core/ports/clock';
import type { Clock } from '@core/ports';
import { expect, it } from 'vitest';

/** A clock whose machine sleeps once: the timer that runs then ends so much later. */
function sleepyClock(sleepMs: number): { clock: Clock; now: () => number } {
  let now = 0;
  let slept = false;
  const clock: Clock = {
    monotonic: () => now,
    now: () => now,
    setTimeout(callback, ms) {
      now += ms;
      if (!slept && now > 7000) {
        slept = true;
        now += sleepMs;
      }
      queueMicrotask(callback);
      return () => undefined;
    },
  };
  return { clock, now: () => now };
}

it('an hour of sleep is no hour of loading', async () => {
  const { clock, now } = sleepyClock(3_600_000);
  await sleepAwake(clock, 30_000);
  expect(now()).toBe(3_630_000);
});

it('a timer that is merely late counts', async () => {
  const { clock, now } = sleepyClock(3000);
  await sleepAwake(clock, 30_000);
  expect(now()).toBe(30_000);
});

it('ends when it is called off', async () => {
  const { clock, now } = sleepyClock(0);
  await sleepAwake(clock, 30_000, AbortSignal.abort());
  expect(now()).toBe(0);
});
