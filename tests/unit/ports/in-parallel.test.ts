import { inParallel } from '@core/ports/in-parallel';
import { expect, it } from 'vitest';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('gives the results in the order of the items, and does so many at the same time', async () => {
  let now = 0;
  let most = 0;
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (item) => {
    now += 1;
    most = Math.max(most, now);
    for (let round = 0; round < item; round++) await turn();
    now -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it('ends with the first failure: nothing more is begun, and what is under way is told', async () => {
  const begun: number[] = [];
  const told: unknown[] = [];
  const items = Array.from({ length: 30 }, (_, index) => index);
  const all = inParallel(items, 4, async (item, signal) => {
    begun.push(item);
    await turn();
    if (item === 5) throw new Error('no more');
    await turn();
    if (signal.aborted) told.push(signal.reason);
  });
  await expect(all).rejects.toThrow('no more');
  for (let round = 0; round < 10; round++) await turn();
  expect(begun.length).toBeLessThanOrEqual(8);
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((reason) => String(reason).includes('no more'))).toBe(true);
});
