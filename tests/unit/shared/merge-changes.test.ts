import { mergeChanges, mergeList, sameValue } from '@shared/domain/merge-changes';
import { describe, expect, it } from 'vitest';

const STORED = { name: 'A', port: 1, options: { temp: 1, seed: 2 }, env: { A: 'x' } };

describe('changes of several views', () => {
  it('keep what others changed in other fields and under other keys', () => {
    const base = { options: { temp: 0, seed: 2 }, env: {} };
    const { changes, clashes } = mergeChanges(
      STORED,
      { options: { temp: 0, seed: 3 }, env: { B: 'y' } },
      base,
    );
    expect(changes).toEqual({ options: { temp: 1, seed: 3 }, env: { A: 'x', B: 'y' } });
    expect(clashes).toEqual([]);
  });

  it('clash where both changed the same value, also when one took it away', () => {
    const base = { port: 0, options: { temp: 0, seed: 0 } };
    const { clashes } = mergeChanges(STORED, { port: 2, options: { temp: 5 } }, base);
    expect(clashes).toEqual([
      { field: 'port', base: 0, stored: 1, given: 2 },
      { field: 'options.temp', base: 0, stored: 1, given: 5 },
      { field: 'options.seed', base: 0, stored: 2, given: undefined },
    ]);
  });

  it('do not clash where both made the same change', () => {
    const { changes, clashes } = mergeChanges(STORED, { port: 1 }, { port: 0 });
    expect(changes).toEqual({ port: 1 });
    expect(clashes).toEqual([]);
  });

  it('replace a field whole where it is not said what it was', () => {
    const { changes, clashes } = mergeChanges(STORED, { options: { x: 1 }, name: undefined }, {});
    expect(changes).toEqual({ options: { x: 1 } });
    expect(clashes).toEqual([]);
  });

  it('take away only what was there when they were begun', () => {
    const { changes } = mergeChanges(STORED, { options: {} }, { options: { seed: 2 } });
    expect(changes).toEqual({ options: { temp: 1 } });
  });

  it('of a list keep what each added and took away', () => {
    expect(mergeList(['b', 'c'], ['a', 'b', 'd'], ['a', 'b'])).toEqual(['b', 'c', 'd']);
    expect(mergeList(['a', 'b', 'c'], ['b'], ['a', 'b'])).toEqual(['b', 'c']);
  });

  it('compare values by what is in them', () => {
    expect(sameValue({ a: [1, { b: 2 }], c: 3 }, { c: 3, a: [1, { b: 2 }] })).toBe(true);
    expect(sameValue({ a: undefined }, { b: undefined })).toBe(false);
    expect(sameValue([], {})).toBe(false);
    expect(sameValue(null, {})).toBe(false);
  });
});
