import { aServer } from '@fixtures/live-data';
import { stateFact } from '@renderer/text/server-text';
import { expect, it } from 'vitest';

it.each([
  ['failed', 'out_of_memory', 'Failed: out of memory'],
  ['stuck', 'not_answering', 'Stuck: not responding'],
  ['backoff', 'exited', 'Backoff: crashed'],
] as const)('a row says of %s and %s: %s', (state, code, said) => {
  const failure = { code, message: 'Any sentence, however long. And another.', evidence: [] };
  expect(stateFact(aServer('Qwen', { state, failure }), 0)).toBe(said);
});
