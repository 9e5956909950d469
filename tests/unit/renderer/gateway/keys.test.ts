import {
  type KeyDraft,
  type KeyProblems,
  keyProblems,
  keyRequest,
  NEW_KEY,
} from '@renderer/features/gateway/keys/key-draft';
import {
  expiryOf,
  profilesOf,
  revokeText,
  spentReason,
  tokensOf,
} from '@renderer/features/gateway/keys/key-text';
import { describe, expect, it } from 'vitest';

const KEY = {
  ...{ id: 'abcd1234', name: 'Laptop', profileIds: null, tokensUsed: 1_200_000 },
  createdAt: '2026-11-23T10:00:00.000Z',
};
const NOW = Date.parse('2026-11-23T12:00:00.000Z');

describe('a key that is typed', () => {
  const problemsOf = (draft: Partial<KeyDraft>): KeyProblems =>
    keyProblems({ ...NEW_KEY, name: 'x', ...draft });

  it('says what to enter, for each field', () => {
    expect(problemsOf({ name: ' ' })).toEqual({ name: 'Enter a name.' });
    expect(problemsOf({ profileIds: [] })).toEqual({
      profileIds: 'Select at least one profile.',
    });
    for (const days of ['0', '1.5', '-1', 'ten', '3651']) {
      expect(problemsOf({ days })).toEqual({
        days: 'Enter a whole number of days from 1 to 3,650.',
      });
    }
    for (const tokens of ['0', '1e3', '1,000,000,000,001']) {
      expect(problemsOf({ tokens })).toEqual({
        tokens: 'Enter a whole number of tokens from 1 to 1,000,000,000,000.',
      });
    }
    expect(problemsOf({ days: ' ', tokens: '' })).toEqual({});
  });

  it('is asked for with what was typed, and nothing that was not', () => {
    expect(keyRequest({ ...NEW_KEY, name: ' Laptop ' })).toEqual({ name: 'Laptop' });
    const draft = { name: 'x', profileIds: ['a'], days: '30', tokens: '5,000,000' };
    expect(keyRequest(draft)).toEqual({
      name: 'x',
      profileIds: ['a'],
      expiresDays: 30,
      tokenQuota: 5_000_000,
    });
  });
});

describe('what a row says of a key', () => {
  it('tokens, of those that it may use', () => {
    expect(tokensOf(KEY)).toBe('1.2 M');
    expect(tokensOf({ ...KEY, tokenQuota: 5_000_000 })).toBe('1.2 M of 5.0 M');
  });

  it('until when it opens something, and why it does not any more', () => {
    expect(expiryOf(KEY, NOW)).toBe('Never');
    const past = { ...KEY, expiresAt: '2026-11-23T11:00:00.000Z' };
    expect([expiryOf(past, NOW), spentReason(past, NOW)]).toEqual(['Expired', 'Expired']);
    expect(spentReason({ ...KEY, tokenQuota: 1_200_000 }, NOW)).toBe('Quota used up');
    expect(spentReason(KEY, NOW)).toBeUndefined();
  });

  it('what it may use, also where a profile was deleted', () => {
    expect(profilesOf(KEY, [])).toBe('All profiles');
    const some = { ...KEY, profileIds: ['a', 'b'] };
    expect(profilesOf(some, [{ id: 'a', name: 'Qwen' }])).toBe('Qwen, a deleted profile');
  });

  it('what stops working when it is revoked', () => {
    expect(revokeText(KEY)).toMatch(/^No request has used it\. Programs with this key/);
    expect(revokeText(KEY, true)).toMatch(/every program on this machine can then use the gateway/);
    expect(revokeText({ ...KEY, lastUsedAt: '2026-11-20T11:00:00.000Z' })).toMatch(
      /^It was last used Nov 20, \d\d:00, for 1,200,000 tokens in all\./,
    );
  });
});
