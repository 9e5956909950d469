import { RequestRefused } from '@gateway/conversation/refusal';
import { readThinking } from '@gateway/conversation/thinking';
import { describe, expect, it } from 'vitest';

describe('how much to think', () => {
  it.each([
    [{}, undefined],
    [null, undefined],
    [{ reasoning_effort: 'medium' }, 'medium'],
    [{ reasoning_effort: 'none' }, 'off'],
    [{ reasoning_effort: 'minimal' }, 'minimal'],
    [{ reasoning_effort: 'xhigh' }, 'high'],
    [{ reasoning_effort: null }, undefined],
    [{ reasoning: { effort: 'low' } }, 'low'],
    [{ reasoning: { summary: 'auto' } }, undefined],
    [{ reasoning: { enabled: false } }, 'off'],
    [{ reasoning: { max_tokens: 2000 } }, 'low'],
    [{ think: true }, 'medium'],
    [{ think: false }, 'off'],
    [{ think: 'high' }, 'high'],
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, undefined],
    [{ thinking: { type: 'disabled' } }, 'off'],
    [{ thinking: { type: 'enabled', budget_tokens: 10_000 } }, 'medium'],
    [{ thinking: { type: 'enabled', budget_tokens: 32_000 } }, 'high'],
    [{ thinking: { type: 'enabled' } }, 'medium'],
    [{ enable_thinking: false }, 'off'],
    [{ chat_template_kwargs: { enable_thinking: true } }, 'medium'],
    [{ chat_template_kwargs: { thinking: false } }, 'off'],
    [{ chat_template_kwargs: { reasoning_effort: 'high' } }, 'high'],
    [{ output_config: { effort: 'high' } }, 'high'],
    [{ output_config: { effort: 'high' }, thinking: { type: 'disabled' } }, 'off'],
    [{ enable_thinking: true, reasoning_effort: 'low' }, 'low'],
  ] as const)('%j says %s', (body, expected) => {
    expect(readThinking(body)).toBe(expected);
  });

  it.each([
    [{ reasoning_effort: 'lots' }, 'reasoning_effort'],
    [{ reasoning: { effort: 3 } }, 'reasoning.effort'],
    [{ thinking: { type: 'sometimes' } }, 'thinking.type'],
    [{ enable_thinking: 'yes' }, 'enable_thinking'],
    [{ reasoning_effort: '__proto__' }, 'reasoning_effort'],
  ])('%j is refused by its name', (body, param) => {
    expect(() => readThinking(body)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ param, status: 400 }) }),
    );
    expect(() => readThinking(body)).toThrow(RequestRefused);
  });
});
