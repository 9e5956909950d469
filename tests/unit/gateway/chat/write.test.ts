import type { AnswerContext, StreamEvent } from '@gateway/conversation/stream-event';
import {
  beginEngineStream,
  endEngineStream,
  takeEngineEvent,
} from '@gateway/dialects/chat/engine-stream';
import { openaiRefusal } from '@gateway/dialects/chat/refusal';
import {
  chatAnswer,
  chatWriter,
  completionAnswer,
  completionWriter,
} from '@gateway/dialects/chat/write';
import { readEngineAnswer } from '@gateway/dialects/chat/engine-answer';
import { SseDecoder } from '@gateway/dialects/sse';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const context: AnswerContext = {
  id: 'r1',
  model: 'my "model"',
  created: 1_800_000_000,
  wantsUsage: true,
};

/** The stream that a client gets, with a sign of life before each event. */
function written(events: readonly StreamEvent[], writer = chatWriter, given = context): string {
  let state = writer.begin(given);
  let text = '';
  for (const event of events) {
    const beat = writer.beat(state);
    const step = writer.write(beat.state, event);
    state = step.state;
    text += beat.text + step.text;
  }
  return text + writer.end(state);
}

/** What a reader of an engine's stream says of it, the bytes cut at these places. */
function read(text: string, cuts: readonly number[]): StreamEvent[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new SseDecoder();
  let state = beginEngineStream('r1');
  const events: StreamEvent[] = [];
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  let from = 0;
  for (const to of places.sort((a, b) => a - b)) {
    for (const item of decoder.push(bytes.subarray(from, to))) {
      const step = takeEngineEvent(state, item);
      state = step.state;
      events.push(...step.events);
    }
    from = to;
  }
  return [...events, ...endEngineStream(state).events];
}

const filled = fc.string({ unit: 'grapheme', minLength: 1 });
/** Arguments of a call: an object's text in pieces. */
const pieces = fc
  .tuple(fc.dictionary(filled, fc.jsonValue()), fc.array(fc.nat()))
  .map(([value, cuts]) => {
    const text = JSON.stringify(value);
    const places = [...new Set(cuts.map((cut) => cut % text.length)), text.length];
    places.sort((one, other) => one - other);
    return places
      .map((to, index) => text.slice(places[index - 1] ?? 0, to))
      .filter((piece) => piece !== '');
  });
const calls = fc.array(fc.record({ id: filled, name: filled, pieces }), { maxLength: 3 });
const usage = fc.record(
  {
    promptTokens: fc.nat(),
    answerTokens: fc.nat(),
    cachedTokens: fc.nat(),
    reasoningTokens: fc.nat(),
  },
  { requiredKeys: ['promptTokens', 'answerTokens'] },
);

/** An answer as its events, in the order in which engines give them. */
const answer = fc
  .record({
    pieces: fc.array(fc.record({ type: fc.constantFrom('text', 'reasoning'), text: filled })),
    calls,
    usage: fc.option(usage, { nil: undefined }),
    reason: fc.constantFrom('stop', 'length', 'content_filter'),
    failure: fc.option(fc.record({ message: filled, code: fc.constant('upstream_closed') })),
  })
  .map((parts): StreamEvent[] => {
    const events: StreamEvent[] = [{ type: 'started' }, ...(parts.pieces as StreamEvent[])];
    // One id after another, as a number tells them apart.
    parts.calls.forEach(({ id, name, pieces }, index) => {
      events.push({ type: 'callBegun', index, id: `${index}${id}`, name });
      for (const text of pieces) events.push({ type: 'callArguments', index, text });
      events.push({ type: 'callEnded', index });
    });
    if (parts.failure !== null) {
      // What failed did not end its last call.
      const said = events.at(-1)?.type === 'callEnded' ? events.slice(0, -1) : events;
      return [...said, { type: 'failed', failure: parts.failure }];
    }
    if (parts.usage !== undefined) events.push({ type: 'usage', usage: parts.usage });
    const reason = parts.calls.length > 0 && parts.reason === 'stop' ? 'tool_calls' : parts.reason;
    return [...events, { type: 'stopped', reason: reason as 'stop' }];
  });

describe('the stream of chat completions', () => {
  it('says what was said, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat()), (events, cuts) => {
        expect(read(written(events), cuts)).toEqual(events);
      }),
    );
  });

  it('is the same at every byte', () => {
    const events: StreamEvent[] = [
      { type: 'started' },
      { type: 'reasoning', text: 'é' },
      { type: 'text', text: '😀 "\n' },
      { type: 'callBegun', index: 0, id: 'a', name: 'f' },
      { type: 'callArguments', index: 0, text: '{"a":' },
      { type: 'callArguments', index: 0, text: '1}' },
      { type: 'callEnded', index: 0 },
      { type: 'usage', usage: { promptTokens: 1, answerTokens: 2, cachedTokens: 0 } },
      { type: 'stopped', reason: 'tool_calls' },
    ];
    const text = written(events);
    const length = new TextEncoder().encode(text).length;
    for (let cut = 0; cut <= length; cut += 1) expect(read(text, [cut])).toEqual(events);
    expect(read(text, [...Array(length).keys()])).toEqual(events);
  });

  it('says the same of calls without arguments', () => {
    const call = (index: number): StreamEvent[] => [
      { type: 'callBegun', index, id: `call_${index}`, name: 'f' },
      { type: 'callEnded', index },
    ];
    const events: StreamEvent[] = [
      { type: 'started' },
      ...call(0),
      ...call(1),
      { type: 'stopped', reason: 'tool_calls' },
    ];
    expect(read(written(events), [])).toEqual(events);
  });

  it('holds what clients need', () => {
    const events: StreamEvent[] = [
      { type: 'reasoning', text: 'hm' },
      { type: 'callBegun', index: 0, id: 'a', name: 'f' },
      { type: 'callArguments', index: 0, text: '{}' },
      { type: 'callEnded', index: 0 },
      { type: 'usage', usage: { promptTokens: 1, answerTokens: 2 } },
      { type: 'stopped', reason: 'tool_calls' },
    ];
    const text = written(events);
    const chunks = text
      .split('\n\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => JSON.parse(line.slice(6)));
    const deltas = chunks.map(({ choices }) => choices[0]?.delta);
    expect(deltas[0]).toEqual({ role: 'assistant', content: '' });
    expect(deltas[1]).toEqual({ reasoning_content: 'hm', reasoning: 'hm' });
    expect(deltas[2].tool_calls).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } },
    ]);
    expect(deltas[3].tool_calls).toEqual([{ index: 0, function: { arguments: '{}' } }]);
    expect(chunks.at(-2).choices[0].finish_reason).toBe('tool_calls');
    expect(chunks.at(-1)).toEqual({
      id: 'chatcmpl-r1',
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model: 'my "model"',
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    });
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(written(events, chatWriter, { ...context, wantsUsage: false })).not.toContain('usage');
  });

  it('that failed does not look complete', () => {
    const text = written([
      { type: 'started' },
      { type: 'failed', failure: { message: 'gone', code: 'upstream_closed' } },
    ]);
    expect(text).toContain('data: {"error":{"message":"gone","type":"server_error"');
    expect(text).not.toContain('[DONE]');
  });
});

describe('the other answers', () => {
  it('of a text completion are text', () => {
    const text = written(
      [
        { type: 'started' },
        { type: 'text', text: 'hi' },
        { type: 'usage', usage: { promptTokens: 1, answerTokens: 2 } },
        { type: 'stopped', reason: 'length' },
      ],
      completionWriter,
    );
    expect(text).toContain('"object":"text_completion"');
    expect(read(text, []).map(({ type }) => type)).toEqual(['started', 'text', 'usage', 'stopped']);
    expect(completionAnswer(context, { text: 'hi', calls: [], reason: 'stop' })).toMatchObject({
      choices: [{ text: 'hi', finish_reason: 'stop' }],
    });
  });

  it('that are whole are read as they were said', () => {
    const whole = fc.record(
      {
        text: fc.string(),
        reasoning: filled,
        calls: fc.array(fc.record({ id: filled, name: filled, arguments: fc.string() })),
        usage,
      },
      { requiredKeys: ['text', 'calls', 'usage'] },
    );
    fc.assert(
      fc.property(whole, (parts) => {
        const said = {
          ...parts,
          reason: parts.calls.length > 0 ? ('tool_calls' as const) : ('stop' as const),
        };
        const json: unknown = JSON.parse(JSON.stringify(chatAnswer(context, said)));
        expect(readEngineAnswer(json, 'r1').answer).toEqual(said);
      }),
    );
    expect(chatAnswer(context, { text: '', calls: [], reason: 'stop' })).toMatchObject({
      choices: [{ message: { role: 'assistant', content: '' } }],
    });
  });

  it('that refuse have the shape, the type and the headers that clients read', () => {
    expect(
      openaiRefusal({ status: 503, code: 'busy', message: 'm', retryAfterSeconds: 1.2 }),
    ).toEqual({
      status: 503,
      headers: { 'content-type': 'application/json', 'retry-after': '2' },
      body: '{"error":{"message":"m","type":"server_error","param":null,"code":"busy"}}',
    });
    const final = openaiRefusal({
      status: 404,
      code: 'model_not_found',
      message: 'm',
      param: 'model',
      isFinal: true,
    });
    expect(final.headers).toHaveProperty('x-should-retry', 'false');
    expect(JSON.parse(final.body).error).toEqual({
      message: 'm',
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    });
  });
});
