import { limitNow, RateLimit } from '@core/downloads/rate-limit';
import type { Clock } from '@core/ports';
import { FakeClock } from '@fixtures/fake-clock';
import { describe, expect, it } from 'vitest';

const at = (time: string): Date => new Date(`2026-11-23T${time}:00`);

describe('the speed limit of all downloads', () => {
  it('is none at 0, and always there without hours', () => {
    expect(limitNow(0, '', at('12:00'))).toBeUndefined();
    expect(limitNow(0, '08:00-18:00', at('12:00'))).toBeUndefined();
    expect(limitNow(10, '', at('03:00'))).toBe(10_000_000);
    expect(limitNow(0.5, '', at('03:00'))).toBe(500_000);
  });

  it.each([
    ['08:00-18:00', '07:59', false],
    ['08:00-18:00', '08:00', true],
    ['08:00-18:00', '17:59', true],
    ['08:00-18:00', '18:00', false],
    ['22:30-06:15', '22:29', false],
    ['22:30-06:15', '23:00', true],
    ['22:30-06:15', '06:14', true],
    ['22:30-06:15', '06:15', false],
    ['00:00-00:00', '12:00', true],
  ])('from %s at %s: %s', (hours, time, counts) => {
    expect(limitNow(10, hours, at(time)) !== undefined).toBe(counts);
  });
});

describe('bytes that come faster than the limit', () => {
  const PIECE = 64 * 1024;
  const signal = new AbortController().signal;

  /** Milliseconds of a clock that only goes on while somebody waits, for so many bytes taken one piece after another. */
  async function timeFor(bytes: number, limit: () => number | undefined): Promise<number> {
    let now = 0;
    const clock: Clock = {
      now: () => now,
      monotonic: () => now,
      setTimeout(callback, ms) {
        now += ms;
        queueMicrotask(callback);
        return () => undefined;
      },
    };
    const rate = new RateLimit(clock, limit);
    for (let taken = 0; taken < bytes; taken += PIECE) await rate.take(PIECE, signal);
    return now;
  }

  it('take as long as the limit says, and hardly longer', async () => {
    const took = await timeFor(6_000_000, () => 3_000_000);
    expect(took).toBeGreaterThan(1950);
    expect(took).toBeLessThan(2050);
  });

  it('are not held up where there is no limit', async () => {
    expect(await timeFor(6_000_000, () => undefined)).toBe(0);
  });

  it.each([
    ['lifted', undefined],
    ['raised', 1_000_000],
  ])('go on soon when the limit is %s while they wait', async (_, later) => {
    const clock = new FakeClock();
    let limit: number | undefined = 1000;
    const rate = new RateLimit(clock, () => limit);
    let waiting = 2;
    // One after the other they would wait for two minutes.
    for (const _ of [1, 2])
      void rate.take(PIECE, signal)?.then(() => {
        waiting -= 1;
      });
    await clock.pass(10_000);
    expect(waiting).toBe(2);
    limit = later;
    await clock.pass(1000);
    expect(waiting).toBe(0);
    expect(later === undefined ? rate.take(PIECE, signal) : undefined).toBeUndefined();
  });

  it('wait longer when the limit is lowered while they wait', async () => {
    const clock = new FakeClock();
    let limit = 100_000;
    const rate = new RateLimit(clock, () => limit);
    let waits = true;
    void rate.take(100_000, signal)?.then(() => {
      waits = false;
    });
    await clock.pass(400);
    limit = 10_000;
    await clock.pass(4000);
    expect(waits).toBe(true);
    await clock.pass(6000);
    expect(waits).toBe(false);
  });

  it('do not wait any longer for what is broken off', async () => {
    const stop = new AbortController();
    const waiting = new RateLimit(new FakeClock(), () => 1000).take(PIECE, stop.signal);
    stop.abort();
    await waiting;
  });
});
