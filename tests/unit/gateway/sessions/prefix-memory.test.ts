import { PrefixMemory } from '@gateway/sessions/prefix-memory';
import { promptParts, type TextPart } from '@gateway/sessions/prompt-parts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { conversation, system, user } from './conversations';

const parts = (...texts: string[]): TextPart[] =>
  promptParts(conversation([system('Be short.'), ...texts.map(user)]));

describe('PrefixMemory', () => {
  it('compares with the last prompt of the session', () => {
    const memory = new PrefixMemory();
    expect(memory.take('a', parts('one'), 1).comparison).toBeUndefined();
    expect(memory.take('b', parts('one'), 1).comparison).toBeUndefined();
    expect(memory.take('a', parts('one', 'two'), 1).comparison).toMatchObject({ commonParts: 2 });
    const changed = memory.take('a', parts('once', 'two'), 1).comparison;
    expect(changed).toMatchObject({ commonParts: 1, commonCharacters: 2 });
  });

  it('compares with the one before it where that is more alike', () => {
    const memory = new PrefixMemory();
    memory.take('a', parts('one', 'two'), 1);
    memory.take('a', parts('other'), 1);
    const { comparison } = memory.take('a', parts('one', 'two', 'three'), 1);
    expect(comparison).toMatchObject({ commonParts: 3 });
  });

  it('finds the first difference of any two prompts', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (one, other) => {
        const memory = new PrefixMemory();
        memory.take('a', parts(...one), 1);
        const { comparison } = memory.take('a', parts(...other), 1);
        const same = one.findIndex((text, index) => text !== other[index]);
        const common = same === -1 ? one.length : Math.min(same, other.length);
        expect(comparison?.commonParts).toBe(1 + common);
      }),
    );
  });

  it('keeps within its limits', () => {
    let now = 0;
    const limits = { sessions: 3, bytes: 20_000, promptBytes: 8000, ageMs: 1000 };
    const memory = new PrefixMemory(() => now, limits);
    fc.assert(
      fc.property(fc.nat(9), fc.nat(12_000), fc.nat(300), (session, length, ms) => {
        now += ms;
        memory.take(String(session), parts('x'.repeat(length)), 1);
        expect(memory.size.sessions).toBeLessThanOrEqual(3);
        expect(memory.size.bytes).toBeLessThanOrEqual(20_000);
        expect(memory.size.bytes).toBeGreaterThanOrEqual(0);
      }),
    );
    now += 1001;
    memory.take('last', parts('one'), 1);
    expect(memory.size.sessions).toBe(1);
  });

  it('keeps no text of a prompt that is too large, and still its parts', () => {
    const memory = new PrefixMemory(() => 0, { promptBytes: 1000 });
    memory.take('a', parts('x'.repeat(2000)), 1);
    const { comparison } = memory.take('a', parts('y'.repeat(2000)), 1);
    expect(comparison).toMatchObject({ commonParts: 1 });
    expect(comparison?.commonCharacters).toBeUndefined();
  });
});
