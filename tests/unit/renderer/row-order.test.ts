import { movedIds, neighbourOf, placedIds } from '@renderer/components/row-order';
import { indexAt, shiftOf } from '@renderer/features/servers/list/row-place';
import { describe, expect, it } from 'vitest';

const ALL = ['a', 'b', 'c', 'd'];

describe('the order of the rows', () => {
  it('moves one by one step, and not past the ends', () => {
    expect(movedIds(ALL, 'b', 1)).toEqual(['a', 'c', 'b', 'd']);
    expect(movedIds(ALL, 'b', -1)).toEqual(['b', 'a', 'c', 'd']);
    expect(movedIds(ALL, 'a', -1)).toBeUndefined();
    expect(movedIds(ALL, 'd', 1)).toBeUndefined();
  });

  it('puts one where it was dropped', () => {
    expect(placedIds(ALL, ALL, 'a', 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(placedIds(ALL, ALL, 'a', 3)).toEqual(['b', 'c', 'd', 'a']);
    expect(placedIds(ALL, ALL, 'd', 0)).toEqual(['d', 'a', 'b', 'c']);
    expect(placedIds(ALL, ALL, 'c', 2)).toBeUndefined();
    expect(placedIds(ALL, ALL, 'gone', 2)).toBeUndefined();
  });

  it('leaves those that a search hides where they are', () => {
    expect(placedIds(ALL, ['a', 'd'], 'd', 0)).toEqual(['d', 'a', 'b', 'c']);
    expect(placedIds(ALL, ['a', 'c'], 'a', 1)).toEqual(['b', 'c', 'a', 'd']);
    expect(placedIds(ALL, ['b'], 'b', 0)).toBeUndefined();
  });

  it('takes the place that the row covers most', () => {
    expect(indexAt(-200, 4)).toBe(0);
    expect(indexAt(37, 4)).toBe(0);
    expect(indexAt(39, 4)).toBe(1);
    expect(indexAt(10_000, 4)).toBe(3);
  });

  it('makes way for the row that is dragged, and only between its two places', () => {
    const shifts = (from: number, to: number) => ALL.map((_, index) => shiftOf(index, from, to));
    expect(shifts(0, 2)).toEqual([0, -76, -76, 0]);
    expect(shifts(3, 1)).toEqual([0, 76, 76, 0]);
    expect(shifts(1, 1)).toEqual([0, 0, 0, 0]);
  });
});

describe('what takes the place of a row that is gone', () => {
  it.each([
    ['b', ['a', 'c'], 'c'],
    ['c', ['a', 'b'], 'b'],
    ['a', ['b', 'c'], 'b'],
    ['b', ['a'], 'a'],
    ['a', [], undefined],
  ])('%s of a, b, c with %j left', (gone, now, expected) => {
    expect(neighbourOf(['a', 'b', 'c'], now, gone)).toBe(expected);
  });
});
