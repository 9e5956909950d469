import { gpuWorkingSet } from '@core/metrics/machine-limit';
import { expect, it } from 'vitest';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** What current macOS reports as `recommendedMaxWorkingSetSize`: GiB of memory, MiB of it. */
const REPORTED = [
  [16, 12_124],
  [24, 18_186],
  [32, 25_559],
  [48, 38_338],
  [64, 53_084],
  [128, 110_100],
  [512, 475_136],
] as const;

it.each(REPORTED)('with %i GiB the GPU may use about %i MiB', (gib, mib) => {
  const off = gpuWorkingSet(gib * GIB, 0) / (mib * MIB) - 1;
  expect(Math.abs(off)).toBeLessThan(0.01);
});

it('follows the limit that the user raised, and never above all memory', () => {
  // 107.52 GiB by default, 112 GiB with iogpu.wired_limit_mb=114688.
  expect(gpuWorkingSet(128 * GIB, 114_688)).toBe(112 * GIB);
  expect(gpuWorkingSet(16 * GIB, 100_000)).toBe(16 * GIB);
  expect(gpuWorkingSet(16 * GIB, undefined)).toBe(gpuWorkingSet(16 * GIB, 0));
});
