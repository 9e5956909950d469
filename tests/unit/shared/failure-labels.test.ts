import { ERROR_CODES, FAILURE_CODES } from '@shared/errors';
import { failureLabel, failureWords } from '@shared/errors/failure-label';
import { expect, it } from 'vitest';

it.each([...FAILURE_CODES, ...ERROR_CODES])('%s is called something in four words', (code) => {
  const label = failureLabel(code);
  expect(label.split(' ').length).toBeLessThanOrEqual(4);
  expect(label).toMatch(/^[A-Z][^.:]+$/);
  expect(label.toLowerCase()).toBe(failureWords(code).toLowerCase());
});

it('gives each failure of a server a name of its own', () => {
  expect(new Set(FAILURE_CODES.map(failureLabel)).size).toBe(FAILURE_CODES.length);
  expect(FAILURE_CODES.map(failureLabel)).toEqual([
    'Port in use',
    'Model missing',
    'Model incomplete',
    'Not supported',
    'Out of memory',
    'Engine missing',
    'Engine broken',
    'Wrong option',
    'No permission',
    'Not responding',
    'Crashed',
    'Load timed out',
    'Custom code',
  ]);
});
