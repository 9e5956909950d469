import { inspectorOpen, rowAfterKey } from '@renderer/components/inspector-place';
import { describe, expect, it } from 'vitest';

describe('the inspector', () => {
  it('is open unasked only where it has a column of its own', () => {
    expect(inspectorOpen('column', undefined)).toBe(true);
    expect(inspectorOpen('overlay', undefined)).toBe(false);
  });

  it('is as the person chose it', () => {
    expect(inspectorOpen('overlay', { place: 'overlay', open: true })).toBe(true);
    expect(inspectorOpen('column', { place: 'column', open: false })).toBe(false);
  });

  it('closes when the window becomes small, though it was opened in the wide one', () => {
    expect(inspectorOpen('overlay', { place: 'column', open: true })).toBe(false);
    expect(inspectorOpen('column', { place: 'overlay', open: false })).toBe(true);
  });
});

describe('keys in the table of models', () => {
  it.each([
    ['ArrowDown', 0, 1],
    ['ArrowDown', 2, 2],
    ['ArrowDown', -1, 0],
    ['ArrowUp', 2, 1],
    ['ArrowUp', 0, 0],
    ['ArrowUp', -1, 0],
    ['Home', 2, 0],
    ['End', 0, 2],
  ])('%s on row %i of three goes to row %i', (key, at, to) => {
    expect(rowAfterKey(key, at, 3)).toBe(to);
  });

  it('leaves other keys alone, and goes nowhere in an empty table', () => {
    expect(rowAfterKey('a', 1, 3)).toBeUndefined();
    expect(rowAfterKey('End', -1, 0)).toBe(-1);
  });
});
