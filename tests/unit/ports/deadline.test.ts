import { Deadline } from '@core/ports/deadline';
import { createManualClock } from '@fixtures/manual-clock';
import { expect, it } from 'vitest';

it('hands a part what it may take, and never more than is left of the whole', () => {
  const clock = createManualClock();
  const whole = Deadline.in(clock, 15_000);
  expect(whole.within(8000).leftMs).toBe(8000);
  expect(whole.within(60_000).leftMs).toBe(15_000);
  expect(whole.before(3000).leftMs).toBe(12_000);
  clock.advance(10_000);
  expect(whole.within(8000).leftMs).toBe(5000);
  expect(whole.before(6000).isOver).toBe(true);
});

it('is not moved by the wall clock', () => {
  const clock = createManualClock();
  const deadline = Deadline.in(clock, 1000);
  clock.step(-86_400_000);
  expect(deadline.leftMs).toBe(1000);
  clock.step(2 * 86_400_000);
  expect(deadline.isOver).toBe(false);
  clock.advance(1000);
  expect(deadline.isOver).toBe(true);
});

it('gives the result of what is done in time, its failure too, and "late" otherwise', async () => {
  const clock = createManualClock();
  const deadline = Deadline.in(clock, 1000);
  await expect(deadline.race(Promise.resolve('done'))).resolves.toBe('done');
  await expect(deadline.race(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  const late = deadline.race(new Promise(() => undefined));
  clock.advance(1000);
  await expect(late).resolves.toBe('late');
});
