import { LONG_TALK, READ_TOOL, system, user } from '@fixtures/prompt-models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  type ContextRequest,
  contextVerdict,
  fixedOverflow,
  fixedPart,
  needsExactCount,
  reserveFor,
} from '@gateway/context/contract';
import type { Conversation } from '@gateway/conversation/conversation';

const exactly = (tokens: number) => ({ tokens, exact: true });

describe('a prompt that is too long', () => {
  it('is refused in the one sentence that all clients know', () => {
    const verdict = contextVerdict({ limit: 32_768, reserve: 0 }, exactly(40_000));
    expect(verdict).toEqual({
      kind: 'over',
      refusal: {
        status: 400,
        code: 'context_length_exceeded',
        message:
          'prompt is too long: 40000 tokens > 32768 maximum (context_length_exceeded). ' +
          "This model's maximum context length is 32768 tokens. " +
          'However, your messages resulted in 40000 tokens.',
        param: 'messages',
        isFinal: true,
      },
    });
  });

  it('says what is kept free where that alone is in its way', () => {
    const request = { limit: 32_768, reserve: reserveFor(32_768, true) };
    const verdict = contextVerdict(request, exactly(30_000));
    expect(verdict).toMatchObject({
      refusal: {
        message:
          'prompt is too long: 30000 tokens > 28672 maximum (context_length_exceeded). ' +
          "This model's maximum context length is 32768 tokens. However, your messages resulted in 30000 tokens. " +
          '4096 tokens are reserved for the answer and for a summary.',
      },
    });
  });

  it('leaves room for the request that an agent then makes a summary with', () => {
    const turn = { limit: 32_768, reserve: reserveFor(32_768, true) };
    expect(contextVerdict(turn, exactly(28_673)).kind).toBe('over');
    // pi's own request for a summary: no tools, and more tokens than its entry says.
    const summary = { limit: 32_768, reserve: reserveFor(32_768, false), maxTokens: 13_107 };
    expect(contextVerdict(summary, exactly(28_900))).toEqual({
      kind: 'clamped',
      maxTokens: 3868,
      change: 'max_tokens 13107 became 3868, what the context has left',
    });
  });

  it('says that a number is an estimate, and why', () => {
    const count = { tokens: 40_000, exact: false, why: 'the model has no tokenizer.json' };
    const verdict = contextVerdict({ limit: 32_768, reserve: 0 }, count);
    expect(verdict).toMatchObject({
      refusal: {
        message: expect.stringMatching(
          /resulted in 40000 tokens\. The number is an estimate, because the model has no tokenizer\.json\.$/,
        ),
      },
    });
  });
});

describe('the length of the answer', () => {
  it('stays as asked where it fits, also where nothing was asked', () => {
    const fits = { kind: 'fits', maxTokens: 100 };
    expect(contextVerdict({ limit: 1000, reserve: 0, maxTokens: 100 }, exactly(900))).toEqual(fits);
    const unsaid = { limit: 1000, reserve: 0, defaultMaxTokens: 512 };
    expect(contextVerdict(unsaid, exactly(400))).toEqual({ kind: 'fits', maxTokens: undefined });
  });

  it('is what is left where more was asked for, or the engine would make more of itself', () => {
    const asked = { limit: 1000, reserve: 0, maxTokens: 101 };
    expect(contextVerdict(asked, exactly(900))).toEqual({
      kind: 'clamped',
      maxTokens: 100,
      change: 'max_tokens 101 became 100, what the context has left',
    });
    const change = 'max_tokens became 100, what the context has left';
    const unsaid = { limit: 1000, reserve: 0 };
    expect(contextVerdict(unsaid, exactly(900))).toMatchObject({ maxTokens: 100, change });
    const byDefault = { ...unsaid, defaultMaxTokens: 512 };
    expect(contextVerdict(byDefault, exactly(900))).toMatchObject({ maxTokens: 100, change });
  });

  it('of an estimated prompt is passed on, and the record says what was not known', () => {
    const count = { tokens: 500, exact: false, why: 'the model has no tokenizer.json' };
    const change =
      'the prompt was estimated at 500 tokens, because the model has no tokenizer.json';
    const short = { limit: 1000, reserve: 0, maxTokens: 100 };
    expect(contextVerdict(short, count)).toEqual({ kind: 'fits', maxTokens: 100, change });
    expect(contextVerdict({ ...short, maxTokens: 900 }, count)).toMatchObject({
      maxTokens: 500,
      change: `max_tokens 900 became 500, what the context has left (${change})`,
    });
  });

  it('and the prompt are free where no context length is known', () => {
    const request = { limit: undefined, reserve: 0, maxTokens: 7 };
    expect(contextVerdict(request, exactly(1e9))).toEqual({ kind: 'fits', maxTokens: 7 });
    expect(needsExactCount(request, { most: undefined, likely: 1e9 })).toBe(false);
  });
});

describe('what an engine is asked for', () => {
  const tokens = fc.integer({ min: 0, max: 300_000 });
  const maybe = fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined });
  const requests: fc.Arbitrary<ContextRequest & { limit: number }> = fc
    .record({
      limit: fc.integer({ min: 16, max: 262_144 }),
      hasTools: fc.boolean(),
      maxTokens: maybe,
      defaultMaxTokens: maybe,
    })
    .map(({ hasTools, ...rest }) => ({ ...rest, reserve: reserveFor(rest.limit, hasTools) }));

  it('is never more than its context, nor less than one token', () => {
    fc.assert(
      fc.property(requests, tokens, (request, prompt) => {
        const verdict = contextVerdict(request, exactly(prompt));
        if (verdict.kind === 'over') return;
        const answer = verdict.maxTokens ?? request.defaultMaxTokens ?? Number.NaN;
        expect(prompt + answer).toBeLessThanOrEqual(request.limit);
        expect(answer).toBeGreaterThanOrEqual(1);
      }),
    );
  });

  it('needs no count where the bytes prove that nothing has to change', () => {
    fc.assert(
      fc.property(requests, tokens, tokens, (request, most, fewer) => {
        if (needsExactCount(request, { most, likely: 0 })) return;
        const verdict = contextVerdict(request, exactly(Math.min(most, fewer)));
        expect(verdict).toEqual({ kind: 'fits', maxTokens: request.maxTokens });
      }),
    );
  });
});

describe('a context that is too small for a program', () => {
  const conversation: Conversation = {
    ...{ model: 'any', messages: LONG_TALK, tools: [READ_TOOL], sampling: {}, isStream: true },
    ...{ wantsUsage: false, extra: {}, changes: [] },
  };
  /** Of clients that then shorten the conversation: pi 0.73's overflow.js, OpenCode and Claude Code the like. */
  const KNOWN_OVERFLOWS =
    /too long|too many tokens|maximum|context.?length.?exceeded|context window|limit/i;

  it('is judged by what every request has: instructions and tools', () => {
    const messages = [system('Be brief.'), user('One?'), system('It is Monday.'), user('Two?')];
    const fixed = fixedPart({ ...conversation, messages });
    expect(fixed?.messages).toEqual([system('Be brief.'), system('It is Monday.'), user('?')]);
    expect(fixed?.tools).toEqual([READ_TOOL]);
    expect(fixedPart({ ...conversation, messages: [user('One?')], tools: [] })).toBeUndefined();
  });

  it('is told in words that no client takes for an order to summarize', () => {
    const told = fixedOverflow('Coder', { limit: 16_384, reserve: 2048 }, exactly(30_000));
    expect(told).toMatchObject({ status: 400, code: 'context_too_small', isFinal: true });
    expect(told?.message).toContain('take 30000 tokens, and Coder has room for 14336.');
    expect(told?.message).not.toMatch(KNOWN_OVERFLOWS);
  });

  it('is not told where the conversation is what is too long, nor where nobody counted', () => {
    const request = { limit: 16_384, reserve: 2048 };
    expect(fixedOverflow('Coder', request, exactly(14_336))).toBeUndefined();
    expect(fixedOverflow('Coder', request, { tokens: 30_000, exact: false })).toBeUndefined();
    expect(fixedOverflow('Coder', { ...request, limit: undefined }, exactly(1))).toBeUndefined();
  });
});
