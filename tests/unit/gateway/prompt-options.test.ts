import { describe, expect, it } from 'vitest';

import { answerLimitOf, templateArgsOf } from '@core/gateway/prompt-options';

describe('the longest answer of a profile', () => {
  const known = [{ key: 'top-k' }, { key: 'max-tokens', default: 512 }];

  it('is what it sets, else what its engine does by itself, else unknown', () => {
    expect(answerLimitOf({ 'max-tokens': 100 }, known)).toBe(100);
    expect(answerLimitOf({ 'max-tokens': '100' }, [])).toBe(100);
    expect(answerLimitOf({}, known)).toBe(512);
    expect(answerLimitOf({}, [{ key: 'max-tokens' }])).toBeUndefined();
    expect(answerLimitOf({}, [])).toBeUndefined();
  });
});

describe('what options give the chat template', () => {
  it('is an object, or nothing', () => {
    expect(templateArgsOf({ 'chat-template-args': '{"enable_thinking": false}' })).toEqual({
      enable_thinking: false,
    });
    expect(templateArgsOf({ 'enable-thinking': true })).toEqual({ enable_thinking: true });
    for (const bad of ['', '[1]', 'null', '{"a"', '7']) {
      expect(templateArgsOf({ 'chat-template-args': bad })).toEqual({});
    }
    expect(templateArgsOf({})).toEqual({});
  });
});
