import { contextSteps, needParts, sumParts } from '@renderer/domain/memory/fit-parts';
import type { FitEstimate } from '@shared/domain/memory';
import { describe, expect, it } from 'vitest';

const FIT: FitEstimate = {
  verdict: 'fits',
  parts: { weights: 16, kvCache: 6, promptCache: 0, overhead: 2 },
  total: 24,
  limit: 48,
  limitSource: 'gpu',
  inUse: 20,
  keepFree: 4,
  context: 16_384,
  concurrency: 1,
  unknown: [],
};

describe('the bar of what a model needs', () => {
  it('has a part for everything that takes memory, after what is in use', () => {
    expect(sumParts(FIT).map(({ label, value }) => [label, value])).toEqual([
      ['In use', 20],
      ['Weights', 16],
      ['KV cache', 6],
      ['Overhead', 2],
    ]);
  });

  it('is one part where earlier runs were measured', () => {
    expect(needParts({ parts: FIT.parts, learnedPeak: 22 })).toMatchObject([{ value: 22 }]);
  });
});

describe('contexts to choose from', () => {
  it.each([
    [8192, [2048, 4096, 8192]],
    [40_960, [2048, 4096, 8192, 16_384, 32_768, 40_960]],
    [1024, [1024]],
  ])('of a model for %d tokens', (longest, steps) => {
    expect(contextSteps(longest)).toEqual(steps);
  });
});
