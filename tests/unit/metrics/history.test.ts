import { History } from '@core/metrics/history';
import { createManualClock } from '@fixtures/manual-clock';
import { describe, expect, it } from 'vitest';

const DAYS = 86_400_000;
const MINUTE = 60_000;

/** A history of which a point is added each minute. */
function setUp() {
  const clock = createManualClock();
  const history = new History();
  return {
    clock,
    minutes(count: number) {
      for (let minute = 0; minute < count; minute++) {
        clock.advance(MINUTE);
        history.add({ at: clock.monotonic(), memoryBytes: 1, cpuPercent: undefined });
      }
    },
    /** How many seconds ago each point was. */
    ages: () =>
      history
        .read(clock.now() - clock.monotonic())
        .times.map((time) => Math.round(clock.now() / 1000) - time),
  };
}

describe('the last hour', () => {
  it('is an hour', () => {
    const { minutes, ages } = setUp();
    minutes(90);
    expect(ages().length).toBe(61);
    expect(ages()[0]).toBe(3600);
    expect(ages().at(-1)).toBe(0);
  });

  it.each([
    ['back', -10 * DAYS],
    ['on', 10 * DAYS],
  ])('stays one when the clock is set %s by days, in its order', (_, ms) => {
    const { clock, minutes, ages } = setUp();
    minutes(30);
    clock.step(ms);
    minutes(60);
    clock.step(-2 * ms);
    minutes(2);
    expect(ages()).toEqual(Array.from({ length: 61 }, (_, index) => (60 - index) * 60));
  });
});
