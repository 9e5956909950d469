import { createHash } from 'node:crypto';

import { admit } from '@gateway/doors/head';
import { readHeaders } from '@gateway/doors/headers';
import { checkKey, mayUse, presentedKeys, visibleTargets } from '@gateway/doors/keys';
import type { KeyEntry, Target } from '@shared/gateway/target';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aHead, doors, HERE, NOON } from './a-head';

const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
const entry = (key: string, change: Partial<KeyEntry> = {}): KeyEntry => ({
  id: key,
  name: key,
  hash: hash(key),
  ...change,
});
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the keys that a request brings', () => {
  it.each([
    [['Authorization', 'Bearer abc'], ['abc']],
    [['authorization', 'bearer  abc '], ['abc']],
    [['X-Api-Key', 'abc'], ['abc']],
    [['Api-Key', 'abc'], ['abc']],
    [['Authorization', basic('user:abc')], ['abc']],
    [['Authorization', basic(':a:b')], ['a:b']],
    [['Authorization', basic('no colon')], []],
    [['Authorization', 'Basic ???'], []],
    [['Authorization', 'Bearer '], []],
    [['Authorization', 'Bearer'], []],
    [['Authorization', 'Digest abc'], []],
    [['x-api-key', '', 'Authorization', 'Bearer abc'], ['abc']],
    [
      ['Authorization', 'Bearer a', 'x-api-key', 'b', 'api-key', 'c', 'x-api-key', 'a'],
      ['a', 'b', 'c'],
    ],
  ] as const)('%j: %j', (raw, keys) => {
    expect(presentedKeys(readHeaders(raw))).toEqual(keys);
  });

  it('are found in any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const keys = presentedKeys(readHeaders(['Authorization', text, 'x-api-key', text]));
        expect(keys.every((key) => key.trim() === key && key !== '')).toBe(true);
      }),
    );
  });
});

describe('who comes in', () => {
  const good = entry('good');
  const other = entry('other');
  const expired = entry('old', { expiresAt: NOON });
  const empty = entry('empty', { tokensLeft: 0 });
  const some = doors({ keys: [good, other, expired, empty] });
  const none = doors();
  const strict = doors({ keys: [good], requireKey: true });
  const strictNone = doors({ requireKey: true });

  it.each([
    ['no key yet, none brought', none, [], true, 'passed'],
    ['no key yet, any brought', none, ['ollama'], true, 'passed'],
    ['no key yet, from elsewhere', none, ['ollama'], false, 401],
    ['no key yet, from elsewhere without one', none, [], false, 401],
    ['no key yet, but one is required', strictNone, ['ollama'], true, 401],
    ['keys, none brought', some, [], true, 'passed'],
    ['keys, none brought from elsewhere', some, [], false, 401],
    ['none brought where one is required', strict, [], true, 401],
    ['the right one', some, ['good'], true, 'good'],
    ['the right one from elsewhere', some, ['good'], false, 'good'],
    ['a wrong one', some, ['guess'], true, 401],
    ['a wrong one beside the right one', some, ['guess', 'other'], false, 'other'],
    ['an expired one', some, ['old'], true, 401],
    ['an expired one beside the right one', some, ['old', 'good'], true, 'good'],
    ['one that is used up', some, ['empty'], true, 429],
    ['the hash of the right one', some, [hash('good')], true, 401],
    ['one that is too long', some, ['good'.repeat(1000)], true, 401],
    ['the name of a property', some, ['__proto__'], true, 401],
  ] as const)('%s', (_, who, presented, isFromHere, outcome) => {
    const check = checkKey(presented, who, NOON, isFromHere);
    if (check.kind === 'passed') expect(check.key?.id ?? 'passed').toBe(outcome);
    else expect(check.refusal.status).toBe(outcome);
  });

  it('a refusal says what to do and never shows the key', () => {
    const messages = [['guess'], ['old'], ['empty'], []].map((presented) => {
      const check = checkKey(presented, { ...some, requireKey: true }, NOON, true);
      if (check.kind === 'passed') throw new Error('It passed.');
      return check.refusal;
    });
    expect(messages.map(({ message }) => message)).toEqual([
      "The key isn't valid for this gateway. It may be mistyped or revoked.",
      'This key expired at 2026-12-01T12:00:00.000Z. Ask for a new one.',
      'The token quota of this key is used up. Ask for a key with a higher quota.',
      'This gateway needs a key. Send it as "Authorization: Bearer KEY" or as "x-api-key: KEY".',
    ]);
    expect(messages[0]?.headers).toEqual({ 'www-authenticate': 'Bearer' });
    expect(messages[2]?.isFinal).toBe(true);
  });

  it('a key lasts to the millisecond before its end, and to its last token', () => {
    const at = (now: number) => checkKey(['old'], some, now, true).kind;
    expect([at(NOON - 1), at(NOON)]).toEqual(['passed', 'refused']);
    const left = doors({ keys: [entry('few', { tokensLeft: 1 })] });
    expect(checkKey(['few'], left, NOON, true).kind).toBe('passed');
  });

  it('only a key of ours comes in where one is required', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (presented) => {
        const check = checkKey(presented, strict, NOON, true);
        expect(check.kind === 'passed').toBe(presented.includes('good'));
      }),
    );
  });

  it('each way to send a key counts at the door', () => {
    const ways = [
      { Authorization: 'Bearer good' },
      { 'x-api-key': 'good' },
      { 'api-key': 'good' },
      { Authorization: basic('me:good') },
      { Authorization: 'Bearer sk-ant-old', 'x-api-key': 'good' },
    ];
    for (const headers of ways) {
      expect(admit(aHead(headers), HERE, strict, NOON)).toMatchObject({ key: { id: 'good' } });
    }
    const wrong = admit(aHead({ 'x-api-key': 'wrong' }), HERE, strict, NOON);
    expect(wrong).toMatchObject({ kind: 'refused', refusal: { status: 401 } });
  });
});

describe('what a key opens', () => {
  const targets = ['one', 'two'].map((profileId) => ({ profileId }) as Target);

  it('is its profiles, or every one', () => {
    const bound = entry('bound', { profileIds: ['two', 'gone'] });
    expect(visibleTargets(undefined, targets)).toEqual(targets);
    expect(visibleTargets(entry('free'), targets)).toEqual(targets);
    expect(visibleTargets(bound, targets)).toEqual([targets[1]]);
    expect(mayUse(bound, 'one')).toBe(false);
    expect(mayUse(entry('nothing', { profileIds: [] }), 'one')).toBe(false);
    expect(mayUse(undefined, 'one')).toBe(true);
  });
});
