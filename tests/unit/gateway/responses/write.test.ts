import {
  finishedResponse,
  type ResponsesEvent,
  responsesAnswer,
} from '@gateway/dialects/responses';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkProtocol, parseStream } from './protocol';
import { context, type Happening, someAnswer, write } from './some-answers';
import { requestWith } from './some-request';

const eventsOf = (...happenings: readonly Happening[]): ResponsesEvent[] =>
  parseStream(write(happenings).text);
const typesOf = (...happenings: readonly Happening[]): string[] =>
  eventsOf(...happenings).map(({ type }) => type);
const responseOf = (...happenings: readonly Happening[]) =>
  finishedResponse(write(happenings).state);

const stopped: Happening = { type: 'stopped', reason: 'stop' };
const call = (name: string, ...pieces: readonly string[]): Happening[] => [
  { type: 'callBegun', index: 0, id: 'call_7', name },
  ...pieces.map((text): Happening => ({ type: 'callArguments', index: 0, text })),
  { type: 'callEnded', index: 0 },
];

describe('any answer', () => {
  it('keeps the rules of the protocol', () => {
    fc.assert(
      fc.property(someAnswer, (happenings) => {
        const { text, state } = write(happenings);
        const events = parseStream(text);
        checkProtocol(events);
        const end = events.at(-1);
        expect(end && 'response' in end && end.response).toEqual(
          JSON.parse(JSON.stringify(finishedResponse(state))),
        );
      }),
    );
  });

  it('says every word that the engine said, once and in order', () => {
    fc.assert(
      fc.property(someAnswer, (happenings) => {
        const heard = (type: 'text' | 'reasoning'): string =>
          happenings.map((one) => (one !== 'beat' && one.type === type ? one.text : '')).join('');
        const { output } = responseOf(...happenings);
        const said = output.flatMap((item) => (item.type === 'message' ? item.content : []));
        const summed = output.flatMap((item) => (item.type === 'reasoning' ? item.summary : []));
        const thought = output.flatMap((item) => (item.type === 'reasoning' ? item.content : []));
        expect(said.map(({ text }) => text).join('')).toBe(heard('text'));
        expect(thought.map(({ text }) => text).join('')).toBe(heard('reasoning'));
        expect(summed.map(({ text }) => text)).toEqual(thought.map(({ text }) => text));
      }),
    );
  });
});

describe('text', () => {
  it('is a message with all that clients need of it', () => {
    expect(
      typesOf(
        { type: 'started' },
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
        stopped,
      ),
    ).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const response = responseOf({ type: 'text', text: 'a' }, { type: 'text', text: 'b' }, stopped);
    expect(response).toMatchObject({
      id: 'resp_abc',
      object: 'response',
      created_at: 1_790_000_000,
      model: 'qwen3-8b',
      status: 'completed',
      error: null,
      incomplete_details: null,
      usage: null,
      output: [
        {
          type: 'message',
          id: 'msg_abc_0',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'ab', annotations: [], logprobs: [] }],
        },
      ],
    });
  });

  it('of a model that reached its limit is incomplete, and says why', () => {
    const response = responseOf({ type: 'text', text: 'a' }, { type: 'stopped', reason: 'length' });
    expect(response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ status: 'incomplete' }],
    });
  });
});

describe('reasoning', () => {
  it('is told as a summary and as text', () => {
    const types = typesOf(
      { type: 'reasoning', text: 'Hm' },
      { type: 'text', text: 'Yes' },
      stopped,
    );
    expect(types.slice(2, 12)).toEqual([
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.content_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.reasoning_text.done',
      'response.content_part.done',
      'response.output_item.done',
    ]);
    expect(responseOf({ type: 'reasoning', text: 'Hm' }, stopped).output).toEqual([
      {
        type: 'reasoning',
        id: 'rs_abc_0',
        status: 'completed',
        summary: [{ type: 'summary_text', text: 'Hm' }],
        content: [{ type: 'reasoning_text', text: 'Hm' }],
      },
    ]);
  });

  it('can be taken along by a client for which nothing is stored', () => {
    const answer = { text: '', reasoning: 'Hm', calls: [], reason: 'stop' } as const;
    const { output } = responsesAnswer(context, answer, requestWith({ store: false }));
    const input = [{ role: 'user', content: 'hi' }, ...output, { role: 'assistant', content: 'a' }];
    expect(output).toMatchObject([{ type: 'reasoning', encrypted_content: expect.any(String) }]);
    expect(requestWith({ input }).conversation.messages.at(-1)).toMatchObject({ reasoning: 'Hm' });
  });
});

describe('a tool call', () => {
  const itemOf = (...happenings: readonly Happening[]) => responseOf(...happenings).output.at(-1);
  const end: Happening = { type: 'stopped', reason: 'tool_calls' };

  it('of a function has its arguments as the model wrote them', () => {
    expect(itemOf(...call('get_weather', '{"city":', '"Berlin"}'), end)).toEqual({
      type: 'function_call',
      id: 'fc_abc_0',
      call_id: 'call_7',
      name: 'get_weather',
      arguments: '{"city":"Berlin"}',
      status: 'completed',
    });
  });

  it('without arguments has an empty object', () => {
    expect(itemOf(...call('get_weather'), end)).toMatchObject({ arguments: '{}' });
  });

  it('of a tool in a namespace has both names', () => {
    expect(itemOf(...call('agents__spawn', '{}'), end)).toMatchObject({
      type: 'function_call',
      name: 'spawn',
      namespace: 'agents',
    });
  });

  it('of a custom tool has the text in the place of the arguments', () => {
    const text = '*** Begin Patch\n"ä"';
    const pieces = JSON.stringify({ input: text }).match(/.{1,3}/gs) ?? [];
    expect(itemOf(...call('apply_patch', ...pieces), end)).toEqual({
      type: 'custom_tool_call',
      id: 'ctc_abc_0',
      call_id: 'call_7',
      name: 'apply_patch',
      input: text,
      status: 'completed',
    });
    expect(typesOf(...call('apply_patch', ...pieces), end).slice(2, -1)).toEqual([
      'response.output_item.added',
      'response.custom_tool_call_input.delta',
      'response.custom_tool_call_input.done',
      'response.output_item.done',
    ]);
  });

  it.each([
    ['{"patch":"x"}', 'x'],
    ['"x"', 'x'],
    ['*** Begin Patch', '*** Begin Patch'],
    ['{"a":"x","b":"y"}', '{"a":"x","b":"y"}'],
    ['{"input":7}', '{"input":7}'],
    ['null', 'null'],
  ])('of a custom tool takes %s for %s', (written, input) => {
    expect(itemOf(...call('apply_patch', written), end)).toMatchObject({ input });
  });

  it('in which the model reached its limit is incomplete, also where the engine ended it', () => {
    const item = itemOf(...call('get_weather', '{"ci'), { type: 'stopped', reason: 'length' });
    expect(item).toMatchObject({ arguments: '{"ci', status: 'incomplete' });
  });

  it('whose arguments come out of order is an error, not a wrong call', () => {
    expect(() => write([{ type: 'callArguments', index: 3, text: '{}' }])).toThrow(
      'Arguments came for tool call 3, which is not open.',
    );
  });
});

describe('a beat', () => {
  it('before the engine says anything begins the response', () => {
    expect(typesOf('beat', 'beat', { type: 'started' }, stopped)).toEqual([
      'response.created',
      'response.in_progress',
      'response.in_progress',
      'response.completed',
    ]);
  });
});

describe('the usage', () => {
  it('is in the last event, though it comes after the reason', () => {
    const usage = { promptTokens: 100, answerTokens: 20, cachedTokens: 90, reasoningTokens: 5 };
    expect(responseOf(stopped, { type: 'usage', usage }).usage).toEqual({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 90, cache_write_tokens: 0 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 5 },
      total_tokens: 120,
    });
  });
});

describe('a failure', () => {
  it('ends the stream at once, with its code', () => {
    const failure = { code: 'context_length_exceeded', message: 'prompt is too long' };
    const events = eventsOf(
      { type: 'text', text: 'a' },
      { type: 'failed', failure },
      stopped,
      'beat',
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: failure, output: [{ status: 'incomplete' }] },
    });
  });

  it('is what an answer without an end becomes', () => {
    expect(eventsOf({ type: 'text', text: 'a' }).at(-1)).toMatchObject({
      type: 'response.failed',
      response: { error: { code: 'server_error' } },
    });
  });
});
