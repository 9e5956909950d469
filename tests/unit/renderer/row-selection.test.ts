import {
  allOf,
  type RowSelection,
  settled,
  stepOf,
  stepped,
} from '@renderer/components/row-selection';
import { describe, expect, it } from 'vitest';

const SHOWN = ['a', 'b', 'c', 'd', 'e'];
const at = (id: string): RowSelection => ({ lead: id, anchor: id, ids: [id] });

describe('a range', () => {
  it('reaches from where it began, in both directions, and shrinks again', () => {
    const down = stepped(at('b'), SHOWN, 'd', 'range');
    expect(down).toEqual({ lead: 'd', anchor: 'b', ids: ['b', 'c', 'd'] });
    expect(stepped(down, SHOWN, 'c', 'range').ids).toEqual(['b', 'c']);
    expect(stepped(down, SHOWN, 'a', 'range')).toEqual({
      lead: 'a',
      anchor: 'b',
      ids: ['a', 'b'],
    });
  });
  it('begins at the row itself where nothing was chosen', () => {
    const none = { lead: undefined, anchor: undefined, ids: [] };
    expect(stepped(none, SHOWN, 'c', 'range')).toEqual(at('c'));
  });
});

describe('one row more or less', () => {
  it('takes a row in and puts it in front', () => {
    expect(stepped(at('b'), SHOWN, 'd', 'toggle')).toEqual({
      lead: 'd',
      anchor: 'd',
      ids: ['b', 'd'],
    });
  });
  it('takes a row out; in front comes the next one that is chosen, else the last', () => {
    const three = { lead: 'b', anchor: 'b', ids: ['a', 'b', 'd'] };
    expect(stepped(three, SHOWN, 'b', 'toggle')).toMatchObject({ lead: 'd', ids: ['a', 'd'] });
    expect(stepped({ ...three, lead: 'd' }, SHOWN, 'd', 'toggle').lead).toBe('b');
    expect(stepped(three, SHOWN, 'a', 'toggle')).toMatchObject({ lead: 'b', ids: ['b', 'd'] });
  });
  it('leaves the last one', () => {
    expect(stepped(at('b'), SHOWN, 'b', 'toggle')).toEqual(at('b'));
  });
});

it('a plain step begins anew, and all is what is shown', () => {
  const three = { lead: 'b', anchor: 'b', ids: ['a', 'b', 'd'] };
  expect(stepped(three, SHOWN, 'e', 'only')).toEqual(at('e'));
  expect(allOf(three, SHOWN)).toEqual({ lead: 'b', anchor: 'a', ids: SHOWN });
});

describe('what is left of it', () => {
  it('is what is still shown, in the order of the list', () => {
    const three = { anchor: 'd', ids: ['d', 'a', 'b'] };
    expect(settled(three, ['a', 'b', 'c'], 'a')).toEqual({
      lead: 'a',
      anchor: 'a',
      ids: ['a', 'b'],
    });
  });
  it('is the one in front alone, where that was not chosen with the others', () => {
    expect(settled({ anchor: 'a', ids: ['a', 'b'] }, ['c', 'd'], 'c')).toEqual(at('c'));
    expect(settled({ anchor: 'a', ids: ['a'] }, [], undefined).ids).toEqual([]);
  });
});

it('Command adds on a Mac, where Control is a right click; Control adds elsewhere', () => {
  const none = { shiftKey: false, metaKey: false, ctrlKey: false };
  expect(stepOf({ ...none, metaKey: true }, true)).toBe('toggle');
  expect(stepOf({ ...none, ctrlKey: true }, true)).toBe('only');
  expect(stepOf({ ...none, ctrlKey: true }, false)).toBe('toggle');
  expect(stepOf({ ...none, shiftKey: true, ctrlKey: true }, false)).toBe('range');
});
