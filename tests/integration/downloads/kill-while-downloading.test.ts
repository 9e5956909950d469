import { killWhileDownloading } from '@fixtures/kill-while-downloading';
import { expect, test } from 'vitest';

// The long tests have 50 of them.
test('5 kills of the manager in the middle of a download', async () => {
  const { lost, twice, downloads } = await killWhileDownloading({
    kills: 5,
    bytes: 200_000_000,
    bytesPerSecond: 25_000_000,
    longestMs: 400,
  });
  expect(downloads).toBeGreaterThan(0);
  expect(Math.max(...lost)).toBeLessThanOrEqual(0.02);
  expect(Math.max(...twice)).toBeLessThanOrEqual(0.02);
});
