import {
  bytesOnDisk,
  duplicatesOf,
  FIRST_SORT,
  isOf,
  isShown,
  nextSort,
  parseSort,
  selectedModel,
  sortModels,
  sortText,
} from '@renderer/features/models/library';
import type { Model, ModelCopy } from '@shared/domain/model';
import { describe, expect, it } from 'vitest';

import { aModel } from './a-model';

const copyOf = ({ ref, path, origin, sizeBytes }: Model): ModelCopy => ({
  ...{ ref, path, origin, sizeBytes },
  usedBy: [],
});
const nobody = () => false;

describe('which models are shown', () => {
  const shown = { filter: 'all', folder: undefined, copies: false, search: '' } as const;
  it('damaged ones are with the incomplete, what is away with neither', () => {
    const states = ['complete', 'incomplete', 'damaged', 'unmounted', 'unusable'] as const;
    const of = (filter: 'complete' | 'incomplete') =>
      states.filter((state) => isOf(aModel({ state }), filter));
    expect(of('complete')).toEqual(['complete']);
    expect(of('incomplete')).toEqual(['incomplete', 'damaged']);
    expect(isOf(aModel({ unused: true }), 'unused')).toBe(true);
    expect(isOf(aModel({ usedBy: [], unused: false }), 'unused')).toBe(false);
  });
  it('by folder, by what is there twice, and by every word of its name', () => {
    const model = aModel({ folder: '/models', origin: 'folder', architecture: 'qwen3' });
    expect(isShown(model, { ...shown, folder: '/models' })).toBe(true);
    expect(isShown(model, { ...shown, folder: 'cache' })).toBe(false);
    expect(isShown(aModel({}), { ...shown, folder: 'cache' })).toBe(true);
    expect(isShown(model, { ...shown, copies: true })).toBe(false);
    expect(isShown(model, { ...shown, search: ' QWEN3 ' })).toBe(true);
    expect(isShown(model, { ...shown, search: 'llama' })).toBe(false);
  });
});

describe('the order', () => {
  const a = aModel({
    name: 'org/A',
    ref: 'org/A',
    sizeBytes: 3,
    lastUsedAt: '2026-01-02T00:00:00Z',
  });
  const b = aModel({ name: 'x/b', ref: 'x/b', sizeBytes: 9, lastUsedAt: '2026-01-03T00:00:00Z' });
  const c = aModel({ name: 'org/C', ref: 'org/C', sizeBytes: 3, usedBy: ['P'] });
  const order = (column: Parameters<typeof nextSort>[1], descending: boolean, running = nobody) =>
    sortModels([c, b, a], { column, descending }, running).map(({ ref }) => ref);
  it('is by name without who made it, and by name where the rest is the same', () => {
    expect(order('name', false)).toEqual(['org/A', 'x/b', 'org/C']);
    expect(order('name', true)).toEqual(['org/C', 'x/b', 'org/A']);
    expect(order('size', true)).toEqual(['x/b', 'org/A', 'org/C']);
    expect(order('size', false)).toEqual(['org/A', 'org/C', 'x/b']);
    expect(order('usedBy', true)[0]).toBe('org/C');
  });
  it('what runs was used last, what never ran comes at the end', () => {
    expect(order('lastUsed', true)).toEqual(['x/b', 'org/A', 'org/C']);
    const isC = ((model: Model) => model === c) as typeof nobody;
    expect(order('lastUsed', true, isC)).toEqual(['org/C', 'x/b', 'org/A']);
  });
  it('is kept as text, and text that is none is the first order', () => {
    expect(parseSort(sortText({ column: 'size', descending: true }))).toEqual({
      column: 'size',
      descending: true,
    });
    expect(parseSort('name')).toEqual({ column: 'name', descending: false });
    for (const text of [null, '', '-', 'nonsense']) expect(parseSort(text)).toEqual(FIRST_SORT);
  });
  it('a column begins with the most, names with A, and turns at the second press', () => {
    expect(nextSort(FIRST_SORT, 'size')).toEqual({ column: 'size', descending: true });
    expect(nextSort(FIRST_SORT, 'name')).toEqual({ column: 'name', descending: false });
    expect(nextSort(FIRST_SORT, 'lastUsed').descending).toBe(false);
  });
});

it('when the chosen row goes, the one that took its place is chosen', () => {
  const rows = ['a', 'b', 'c'].map((ref) => aModel({ ref }));
  expect(selectedModel(rows, 'b', [])?.ref).toBe('b');
  expect(selectedModel(rows, 'gone', ['a', 'gone', 'b', 'c'])?.ref).toBe('b');
  expect(selectedModel(rows, 'gone', ['a', 'b', 'c', 'gone'])?.ref).toBe('c');
  // Of several that went together, the row after the last of them.
  expect(selectedModel(rows, 'gone', ['a', 'gone', 'gone too', 'b', 'c'])?.ref).toBe('b');
  expect(selectedModel(rows, undefined, [])?.ref).toBe('a');
  expect(selectedModel([], 'gone', ['gone'])).toBeUndefined();
});

it('counts what is there twice once for each group', () => {
  const one = aModel({ ref: 'one', path: '/1', sizeBytes: 10 });
  const two = aModel({ ref: 'two', path: '/2', sizeBytes: 10 });
  const three = aModel({ ref: 'three', path: '/3', sizeBytes: 10 });
  const group = [
    { ...one, copies: [copyOf(two), copyOf(three)] },
    { ...two, copies: [copyOf(one), copyOf(three)] },
    { ...three, copies: [copyOf(one), copyOf(two)] },
  ];
  expect(duplicatesOf([...group, aModel({ path: '/4' })])).toEqual({
    copies: 3,
    groups: 1,
    bytes: 20,
  });
  expect(duplicatesOf([aModel({})])).toEqual({ copies: 0, groups: 0, bytes: 0 });
});

it('what is not mounted takes no room now', () => {
  const models = [aModel({ sizeBytes: 4 }), aModel({ sizeBytes: 8, state: 'unmounted' })];
  expect(bytesOnDisk(models)).toBe(4);
});
