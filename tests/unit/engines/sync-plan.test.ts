import { SyncPlan, withoutPlan } from '@core/engines/install/sync-plan';
import { expect, test } from 'vitest';

test('what has to be fetched is read from the log, which nobody else sees', () => {
  const plan = new SyncPlan();
  expect(plan.read('Resolved 38 packages in 10ms')).toBe(false);
  expect(plan.toFetch).toBeUndefined();
  expect(plan.read('DEBUG Identified uncached distribution: mlx-lm==0.32.2')).toBe(true);
  expect(plan.read('DEBUG Registry requirement already cached: numpy==2.4.0')).toBe(true);
  expect(plan.read('DEBUG Something else')).toBe(true);
  expect(plan.toFetch).toEqual(['mlx-lm']);
});

test('a cache that has everything leaves nothing to fetch, which is something else than not known', () => {
  const plan = new SyncPlan();
  plan.read('DEBUG Registry requirement already cached: numpy==2.4.0');
  expect(plan.toFetch).toEqual([]);
});

test('a failure is judged without that log', () => {
  const output =
    'DEBUG Identified uncached distribution: error==1.0\nerror: No space left on device';
  expect(withoutPlan(output)).toBe('error: No space left on device');
});
