import type { StreamEvent } from '@gateway/conversation/stream-event';
import { readEngineAnswer } from '@gateway/dialects/chat/engine-answer';
import { engineRefusal } from '@gateway/dialects/chat/engine-error';
import {
  beginEngineStream,
  endEngineStream,
  takeEngineEvent,
} from '@gateway/dialects/chat/engine-stream';
import { describe, expect, it } from 'vitest';

/** What is said of chunks, each a JSON value or a text as it stands, and then of the end. */
function said(...chunks: unknown[]): readonly StreamEvent[] {
  let state = beginEngineStream('r1');
  const events: StreamEvent[] = [];
  for (const chunk of chunks) {
    const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk);
    const step = takeEngineEvent(state, { type: 'event', data });
    state = step.state;
    events.push(...step.events);
  }
  return [...events, ...endEngineStream(state).events];
}

const delta = (value: object, finish: string | null = null, more: object = {}) => ({
  choices: [{ index: 0, delta: value, finish_reason: finish }],
  ...more,
});
const calls = (...items: object[]) => delta({ tool_calls: items });
const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const STARTED = { type: 'started' };
const stopped = (reason: string) => ({ type: 'stopped', reason });
const begun = (index: number, id: string, name: string) => ({ type: 'callBegun', index, id, name });
const given = (index: number, text: string) => ({ type: 'callArguments', index, text });
const ended = (index: number) => ({ type: 'callEnded', index });

describe('an engine that streams', () => {
  it('as mlx-lm does is understood: reasoning, usage in a chunk of its own', () => {
    const details = { prompt_tokens_details: { cached_tokens: 5 } };
    expect(
      said(
        delta({ role: 'assistant', reasoning: 'hm' }),
        delta({ role: 'assistant', content: 'hi' }),
        delta({ role: 'assistant' }, 'stop'),
        { object: 'chat.completion', choices: [], usage: { ...usage, ...details } },
        '[DONE]',
      ),
    ).toEqual([
      STARTED,
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hi' },
      { type: 'usage', usage: { promptTokens: 7, answerTokens: 3, cachedTokens: 5 } },
      stopped('stop'),
    ]);
  });

  it('as mlx-vlm does is understood: both names for reasoning, null everywhere else', () => {
    const nothing = { content: null, tool_calls: null };
    expect(
      said(
        delta({ ...nothing, role: 'assistant', reasoning_content: 'hm', reasoning: 'hm' }),
        delta({ role: 'assistant', content: 'hi', reasoning: null }),
        delta({ ...nothing, role: 'assistant' }, 'length', { usage: null }),
        '[DONE]',
      ),
    ).toEqual([
      STARTED,
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'hi' },
      stopped('length'),
    ]);
  });

  it('as mlx-openai-server does is understood: calls in fragments with the id each time', () => {
    const part = (name: string | null, text: string | null) => ({
      index: 0,
      id: 'call_a',
      type: 'function',
      function: { name, arguments: text },
    });
    expect(
      said(
        delta({ role: 'assistant' }),
        calls(part('f', '')),
        calls(part(null, '{"a"')),
        calls(part(null, ':1}')),
        delta({}, 'tool_calls', { usage }),
        '[DONE]',
      ),
    ).toEqual([
      STARTED,
      begun(0, 'call_a', 'f'),
      given(0, '{"a"'),
      given(0, ':1}'),
      ended(0),
      { type: 'usage', usage: { promptTokens: 7, answerTokens: 3 } },
      stopped('tool_calls'),
    ]);
  });

  it('gives several whole calls in one chunk, and says stop', () => {
    expect(
      said(
        calls(
          { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: { x: 1 } } },
        ),
        delta({}, 'stop'),
      ),
    ).toEqual([
      STARTED,
      begun(0, 'a', 'f'),
      given(0, '{}'),
      ended(0),
      begun(1, 'b', 'g'),
      given(1, '{"x":1}'),
      ended(1),
      stopped('tool_calls'),
    ]);
  });

  it('numbers no call and gives no id', () => {
    expect(
      said(
        calls({ function: { name: 'f' } }),
        calls({ function: { arguments: '{' } }),
        calls({ function: { arguments: '}' } }),
        calls({ function: { name: 'f', arguments: '{}' } }),
        calls({ index: 0, function: { name: 'g', arguments: '{}' } }),
        delta({}, 'tool_calls'),
      ),
    ).toEqual([
      STARTED,
      begun(0, 'call_r1_0', 'f'),
      given(0, '{'),
      given(0, '}'),
      ended(0),
      begun(1, 'call_r1_1', 'f'),
      given(1, '{}'),
      ended(1),
      begun(2, 'call_r1_2', 'g'),
      given(2, '{}'),
      ended(2),
      stopped('tool_calls'),
    ]);
  });

  it('gives the same number to two calls, and the name after the arguments began', () => {
    expect(
      said(
        calls({ index: 0, id: 'a', function: { arguments: '{}' } }),
        calls({ index: 0, id: 'a', function: { name: 'f' } }),
        calls({ index: 0, id: 'b', function: { name: 'g', arguments: '' } }),
        delta({}, 'tool_calls'),
      ),
    ).toEqual([
      STARTED,
      begun(0, 'a', 'f'),
      given(0, '{}'),
      ended(0),
      begun(1, 'b', 'g'),
      ended(1),
      stopped('tool_calls'),
    ]);
  });

  it('gives the names of all calls first, and the arguments at the end', () => {
    expect(
      said(
        calls({ index: 0, id: 'a', type: 'function', function: { name: 'f' } }),
        delta({ content: 'between' }),
        calls({ index: 1, id: 'b', type: 'function', function: { name: 'g' } }),
        {
          choices: [
            {
              index: 0,
              delta: {
                tool_calls: [
                  { index: 0, function: { arguments: '{"a":1}' } },
                  { index: 1, function: { arguments: '{"b":2}' } },
                ],
              },
              finish_reason: 'tool_calls',
            },
          ],
        },
      ),
    ).toEqual([
      STARTED,
      { type: 'text', text: 'between' },
      begun(0, 'a', 'f'),
      given(0, '{"a":1}'),
      ended(0),
      begun(1, 'b', 'g'),
      given(1, '{"b":2}'),
      ended(1),
      stopped('tool_calls'),
    ]);
  });

  it('goes on with a call after the next began', () => {
    expect(
      said(
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{"a"' } }),
        calls({ index: 1, id: 'b', function: { name: 'g', arguments: '{' } }),
        calls({ index: 0, function: { arguments: ':1}' } }),
        calls({ index: 1, function: { arguments: '}' } }),
        delta({}, 'tool_calls'),
      ),
    ).toEqual([
      STARTED,
      begun(0, 'a', 'f'),
      given(0, '{"a"'),
      given(0, ':1}'),
      ended(0),
      begun(1, 'b', 'g'),
      given(1, '{'),
      given(1, '}'),
      ended(1),
      stopped('tool_calls'),
    ]);
  });

  it('leaves thinking in the text where it stands there', () => {
    expect(said(delta({ content: '<think>hm</think>hi' }, 'stop'))).toContainEqual({
      type: 'text',
      text: '<think>hm</think>hi',
    });
  });

  it('completes a text', () => {
    expect(said({ choices: [{ index: 0, text: 'hi', finish_reason: null }] }, '[DONE]')).toEqual([
      STARTED,
      { type: 'text', text: 'hi' },
      stopped('stop'),
    ]);
  });

  it.each([
    ['eos', 'stop'],
    ['max_tokens', 'length'],
    ['function_call', 'stop'],
    ['__proto__', 'stop'],
    ['content_filter', 'content_filter'],
  ])('ends for %s', (reason, expected) => {
    expect(said(delta({ content: 'a' }, reason)).at(-1)).toEqual(stopped(expected));
  });

  it('tells the text at which it stopped', () => {
    const chunk = { choices: [{ delta: {}, finish_reason: 'stop', stop_reason: 'END' }] };
    expect(said(chunk).at(-1)).toEqual({ ...stopped('stop'), stopSequence: 'END' });
  });
});

describe('an engine that fails', () => {
  const failed = (...chunks: unknown[]): unknown =>
    said(...chunks).filter(({ type }) => type === 'failed');

  it('closes in the middle', () => {
    const events = said(delta({ content: 'half' }));
    expect(events.at(-1)).toMatchObject({ type: 'failed', failure: { code: 'upstream_closed' } });
    expect(said()).toMatchObject([{ type: 'failed', failure: { code: 'upstream_closed' } }]);
  });

  it.each([
    [{ error: 'out of memory' }, 'out of memory', 'upstream_error'],
    [{ error: { message: 'too long', code: 'context' } }, 'too long', 'context'],
    [{ error: { message: 'bad', code: 500 } }, 'bad', 'upstream_error'],
    [{ object: 'error', message: 'no', code: 400 }, 'no', 'upstream_error'],
    [{ detail: 'gone' }, 'gone', 'upstream_error'],
    [{ detail: { error: { message: 'inner' } } }, 'inner', 'upstream_error'],
    [{ detail: [{ loc: ['body', 'stop'], msg: 'a list' }] }, 'body.stop: a list', 'upstream_error'],
  ])('tells %j, and nothing after it counts', (chunk, message, code) => {
    expect(
      said(delta({ content: 'a' }), chunk, delta({}, 'stop'), { error: 'more' }, '[DONE]').slice(2),
    ).toEqual([{ type: 'failed', failure: { message, code } }]);
  });

  it.each([['garbage'], ['{"choices":'], ['[]'], ['7'], ['{"choices":{}}']])(
    'sends garbage',
    (data) => {
      expect(failed(data)).toMatchObject([{ failure: { code: 'upstream_invalid' } }]);
    },
  );

  it('sends what is nested without end', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const call = `{"function":{"name":"f","arguments":{"a":${deep}}}}`;
    expect(failed(`{"choices":[{"delta":{"tool_calls":[${call}]}}]}`)).toHaveLength(1);
  });

  it('ends with an error, a call without a name, or nothing at all', () => {
    expect(failed(delta({}, 'error'))).toHaveLength(1);
    expect(failed(calls({ index: 0, function: { arguments: '{}' } }), '[DONE]')).toHaveLength(1);
    expect(failed('[DONE]')).toHaveLength(1);
  });

  it('continues a call that had ended', () => {
    expect(
      failed(
        calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }),
        delta({ content: 'text' }),
        calls({ index: 0, function: { arguments: '}' } }),
      ),
    ).toHaveLength(1);
  });

  it('is told by its status and its sentence', () => {
    expect(engineRefusal(404, '{"error":"no such thing"}', 'mlx-lm')).toEqual({
      status: 502,
      code: 'upstream_error',
      message: 'mlx-lm answered with status 404: no such thing',
    });
    expect(engineRefusal(422, '{"detail":[{"loc":["body"],"msg":"wrong"}]}', 'x')).toMatchObject({
      status: 400,
      message: 'x answered with status 422: body: wrong',
    });
    expect(engineRefusal(500, 'Internal Server Error', 'x').message).toMatch(/Internal Server/);
    expect(engineRefusal(503, '', 'x')).toMatchObject({ status: 503 });
  });
});

describe('a whole answer of an engine', () => {
  it('is read with its calls, reasoning and usage', () => {
    const message = {
      role: 'assistant',
      content: null,
      reasoning: 'hm',
      tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }],
    };
    expect(
      readEngineAnswer({ choices: [{ message, finish_reason: 'stop' }], usage }, 'r1').answer,
    ).toEqual({
      text: '',
      reasoning: 'hm',
      calls: [{ id: 'call_r1_0', name: 'f', arguments: '{"a":1}' }],
      reason: 'tool_calls',
      usage: { promptTokens: 7, answerTokens: 3 },
    });
    expect(
      readEngineAnswer({ choices: [{ text: 'hi', finish_reason: 'length' }] }, 'r1').answer,
    ).toMatchObject({ text: 'hi', reason: 'length' });
  });

  it.each([[{ error: 'failed' }], [{}], [null], [{ choices: [] }], ['text']])(
    '%j is a failure',
    (json) => {
      expect(readEngineAnswer(json, 'r1').failure).toHaveProperty('message');
    },
  );
});
