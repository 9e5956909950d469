import { turnsOf, worstFirst } from '@renderer/features/gateway/sessions/session-rows';
import { causeLabel } from '@renderer/text/gateway-text';
import { PREFIX_CAUSES } from '@shared/domain/prefix-cause';
import { expect, it } from 'vitest';

import { aRequest, aSession } from './a-request';

it('the session that lost most comes first, of equal ones the last used', () => {
  const cause = { cause: 'changing_line', requests: 1 } as const;
  const sessions = [
    aSession('old'),
    aSession('new', { lastTime: '2026-11-23T11:00:00.000Z' }),
    aSession('tokens', { causes: [{ ...cause, tokensAgain: 9, secondsAgain: 0 }] }),
    aSession('time', { causes: [{ ...cause, tokensAgain: 1, secondsAgain: 3 }] }),
  ];
  expect(worstFirst(sessions).map(({ id }) => id)).toEqual(['time', 'tokens', 'new', 'old']);
});

it('the requests of a session are numbered in the whole of it, and their prompts are in parts', () => {
  const prefix = {
    cause: 'changing_line',
    message: '',
    commonParts: 1,
    isEstimate: false,
    tokensAgain: 600,
  } as const;
  const turns = turnsOf(aSession('s', { requests: 12 }), [
    aRequest('c', { promptTokens: 1000, cachedTokens: 300, prefix }),
    aRequest('b', { promptTokens: 1000, cachedTokens: 700, prefix }),
    aRequest('a', { promptTokens: 1000 }),
  ]);
  expect(turns.map(({ id, number, tokens }) => [id, number, tokens])).toEqual([
    ['a', 10, undefined],
    // No more was computed again than was computed.
    ['b', 11, { reused: 700, again: 300, fresh: 0 }],
    ['c', 12, { reused: 300, again: 600, fresh: 100 }],
  ]);
});

it('every cause has a word, with its place where it has one', () => {
  for (const cause of PREFIX_CAUSES) expect(causeLabel(cause)).toMatch(/^[A-Z]/);
  expect(causeLabel('changing_line', 4)).toBe('Part 4, a changing line');
  expect(causeLabel('none', 4)).toBe('Everything reused');
});
