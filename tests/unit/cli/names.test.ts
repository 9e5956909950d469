import { expect, it } from 'vitest';

import { findNamed } from '@cli/manager/names';
import { DomainError } from '@shared/errors';

const ALL = [
  { id: 'abcd1234efgh', name: 'Qwen3 8B' },
  { id: 'abzz9999efgh', name: 'Demo' },
  { id: 'demo5678ijkl', name: 'Émile' },
];

function failure(text: string): DomainError {
  try {
    findNamed('profile', ALL, text);
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error(`"${text}" was found`);
}

it.each([
  ['Demo', 'abzz9999efgh'],
  ['  dEMO ', 'abzz9999efgh'],
  ['qwen3 8b', 'abcd1234efgh'],
  ['E\u0301mile', 'demo5678ijkl'],
  ['abcd1234efgh', 'abcd1234efgh'],
  ['abc', 'abcd1234efgh'],
  ['demo5', 'demo5678ijkl'],
])('%s is found', (text, id) => {
  expect(findNamed('profile', ALL, text).id).toBe(id);
});

it('a name comes before an id that begins the same', () => {
  expect(findNamed('profile', ALL, 'demo').name).toBe('Demo');
});

it('a prefix of several ids is refused, naming them', () => {
  const error = failure('ab');
  expect(error.code).toBe('not_found');
  expect(error.data).toEqual({ near: ['Qwen3 8B', 'Demo'] });
});

it('near names are listed', () => {
  expect(failure('Dmo').data).toEqual({ near: ['Demo'] });
  expect(failure('qwen').message).toContain('Qwen3 8B');
  expect(failure('nothing like it at all').data).toEqual({ near: [] });
  expect(failure('').code).toBe('not_found');
});
