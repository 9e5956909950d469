import { recoverRanges } from '@core/downloads/part-file';
import { firstGap, frontier, type Range, sizeOf, withRange } from '@core/downloads/ranges';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const SIZE = 1000;
const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

describe('the journal of a partial file', () => {
  it('counts what was written in this boot of the machine', () => {
    const journal = lines('boot a 1000', '0 10', '20 30', '10 20');
    expect(recoverRanges(journal, SIZE, 'a')).toEqual([{ start: 0, end: 30 }]);
  });

  it('counts after another boot only what was brought to the disk itself', () => {
    const journal = lines('boot a 1000', '0 10', 'synced', '10 20');
    expect(recoverRanges(journal, SIZE, 'b')).toEqual([{ start: 0, end: 10 }]);
    const later = journal + lines('boot b 1000', '50 60');
    expect(recoverRanges(later, SIZE, 'b')).toEqual([
      { start: 0, end: 10 },
      { start: 50, end: 60 },
    ]);
  });

  it('does not count half a line, nor what cannot be', () => {
    const journal = `${lines('boot a 1000', '0 10', '990 1001', '30 20', 'rubbish')}10 2`;
    expect(recoverRanges(journal, SIZE, 'a')).toEqual([{ start: 0, end: 10 }]);
  });

  it('is worth nothing for a file of another size, or where boots cannot be told apart', () => {
    expect(recoverRanges(lines('boot a 999', '0 10'), SIZE, 'a')).toEqual([]);
    expect(recoverRanges(lines('boot  1000', '0 10'), SIZE, '')).toEqual([]);
  });
});

describe('ranges of a file', () => {
  const range = fc
    .tuple(fc.nat(SIZE), fc.nat(SIZE))
    .map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) }));

  it('hold exactly the bytes that were put in', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), (all) => {
        const bytes = new Set<number>();
        for (const { start, end } of all) for (let at = start; at < end; at++) bytes.add(at);
        const merged = all.reduce(withRange, []);
        expect(sizeOf(merged)).toBe(bytes.size);
        for (const [at, { start, end }] of merged.entries()) {
          expect(start).toBeLessThan(end);
          expect(start).toBeGreaterThan(merged[at - 1]?.end ?? -1);
          expect(bytes.has(start) && bytes.has(end - 1)).toBe(true);
        }
      }),
    );
  });

  it('have a first gap that is empty, begins where the beginning ends, and is not too long', () => {
    fc.assert(
      fc.property(fc.array(range), fc.integer({ min: 1, max: 100 }), (all, limit) => {
        const merged = all.reduce(withRange, []);
        const gap = firstGap(merged, SIZE, limit);
        // What a predicate returns is its verdict: nothing is returned here.
        if (!gap) {
          expect(frontier(merged)).toBe(SIZE);
          return;
        }
        expect(gap.start).toBe(frontier(merged));
        expect(gap.end - gap.start).toBeLessThanOrEqual(limit);
        expect(sizeOf(withRange(merged, gap))).toBe(sizeOf(merged) + gap.end - gap.start);
      }),
      { examples: [[[{ start: 0, end: SIZE }], 1]] },
    );
  });
});
