import { describe, expect, it } from 'vitest';
import type { Answer } from '@gateway/conversation/stream-event';
import { anthropicRefusal, countAnswer, messagesAnswer } from '@gateway/dialects/anthropic';
import { CONTEXT } from './stream-arbitrary';

const answer: Answer = { text: 'Hi.', calls: [], reason: 'stop' };
const call = (text: string): Answer['calls'][number] => ({ id: 'a', name: 'get', arguments: text });

describe('a whole answer', () => {
  it('has all that was said, in the order of a stream', () => {
    expect(
      messagesAnswer(CONTEXT, {
        text: 'Hi.',
        reasoning: 'Hm.',
        calls: [call('{"a":{"b":[1]}}')],
        reason: 'tool_calls',
        usage: { promptTokens: 100, cachedTokens: 90, answerTokens: 7, reasoningTokens: 2 },
      }),
    ).toEqual({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'qwen3-8b',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: expect.stringMatching(/./) },
        { type: 'text', text: 'Hi.' },
        {
          type: 'tool_use',
          id: 'a',
          name: 'get',
          input: { a: { b: [1] } },
        },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 90,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 2 },
      },
    });
  });

  it('of nothing has a block of no text, and the prompt as it was counted', () => {
    expect(messagesAnswer(CONTEXT, { ...answer, text: '' })).toMatchObject({
      content: [{ type: 'text', text: '' }],
      usage: { input_tokens: 12, output_tokens: 0 },
    });
  });

  it.each([
    ['', {}],
    ['{"a":', { INVALID_JSON: '{"a":' }],
    ['[1]', { INVALID_JSON: '[1]' }],
    ['null', { INVALID_JSON: 'null' }],
    ['{"__proto__":{"a":1}}', JSON.parse('{"__proto__":{"a":1}}')],
  ])('shows what a model wrote as arguments: %s', (text, input) => {
    const { content } = messagesAnswer(CONTEXT, { ...answer, text: '', calls: [call(text)] });
    expect(content).toEqual([{ type: 'tool_use', id: 'a', name: 'get', input }]);
  });

  it.each<[Partial<Answer>, string, string | null]>([
    [{ reason: 'stop' }, 'end_turn', null],
    [{ reason: 'stop', stopSequence: 'END' }, 'stop_sequence', 'END'],
    [{ reason: 'stop', calls: [call('{}')] }, 'tool_use', null],
    [{ reason: 'length' }, 'max_tokens', null],
    [{ reason: 'length', calls: [call('{')] }, 'max_tokens', null],
    [{ reason: 'tool_calls' }, 'end_turn', null],
    [{ reason: 'content_filter' }, 'refusal', null],
  ])('ending with %j says %s', (end, stop_reason, stop_sequence) => {
    expect(messagesAnswer(CONTEXT, { ...answer, ...end })).toMatchObject({
      stop_reason,
      stop_sequence,
    });
  });

  it('of a count is the whole prompt', () => {
    expect(countAnswer(31)).toEqual({ input_tokens: 31 });
  });
});

describe('a refusal', () => {
  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [413, 'request_too_large'],
    [415, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [502, 'api_error'],
    [503, 'api_error'],
    [504, 'timeout_error'],
    [529, 'overloaded_error'],
  ])('with %i says %s', (status, type) => {
    expect(anthropicRefusal({ status, code: 'c', message: 'Why.' }, 'req_1')).toEqual({
      status,
      headers: { 'request-id': 'req_1' },
      body: { type: 'error', error: { type, message: 'Why.' }, request_id: 'req_1' },
    });
  });

  it('says when to ask again, or that it is of no use', () => {
    const busy = { status: 503, code: 'c', message: 'Loading.', retryAfterSeconds: 1.2 };
    expect(anthropicRefusal(busy)).toMatchObject({
      headers: { 'retry-after': '2' },
      body: { error: { type: 'overloaded_error' }, request_id: null },
    });
    const final = { status: 503, code: 'c', message: 'Manual.', isFinal: true };
    expect(anthropicRefusal(final)).toMatchObject({
      headers: { 'x-should-retry': 'false' },
      body: { error: { type: 'api_error' } },
    });
  });
});
