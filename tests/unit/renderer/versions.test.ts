import { expect, test } from 'vitest';

import { driftLines, isOlder } from '@renderer/features/engines/versions';

test.each([
  ['0.31.3', '0.32.2', true],
  ['0.9.1', '0.10.0', true],
  ['1.0', '1.0.1', true],
  ['0.32.2', '0.32.2', false],
  ['0.32.2', '0.31.3', false],
])('%s came before %s: %s', (a, b, expected) => {
  expect(isOlder(a, b)).toBe(expected);
});

test('a change of options reads as sentences', () => {
  expect(
    driftLines({
      added: ['kv-bits'],
      removed: ['old'],
      changed: [{ key: 'max-tokens', what: 'default', before: '512', after: '1024' }],
    }),
  ).toEqual(['New option: kv-bits', 'Removed option: old', 'max-tokens: default was 512, is 1024']);
});
