import { killWhileDownloading } from '@fixtures/kill-while-downloading';
import { expect, test } from 'vitest';

const KILLS = 50;
const BYTES = 200_000_000;

test(`${KILLS} kills of the manager in the middle of downloads: at most 2 % of a file comes twice`, async () => {
  const began = performance.now();
  const { lost, twice, downloads } = await killWhileDownloading({
    kills: KILLS,
    bytes: BYTES,
    bytesPerSecond: 25_000_000,
    longestMs: 600,
  });
  const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
  const mean = (all: readonly number[]): number =>
    all.reduce((sum, one) => sum + one, 0) / all.length;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${KILLS} kills in ${downloads} downloads of ${BYTES / 1e6} MB, ${seconds} s. Read and not kept of a file at a kill: ${percent(mean(lost))} on average, ${percent(Math.max(...lost))} at most. Sent twice for each kill: ${twice.map(percent).join(', ')}. Every hash is right.`,
  );
  expect(Math.max(...lost)).toBeLessThanOrEqual(0.02);
  expect(Math.max(...twice)).toBeLessThanOrEqual(0.02);
}, 240_000);
