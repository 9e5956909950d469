/** What is written here, read by Anthropic's own package: its types at compile time, its client with our bytes. */
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Answer, StreamEvent } from '@gateway/conversation/stream-event';
import { RequestRefused } from '@gateway/conversation/refusal';
import {
  anthropicRefusal,
  countAnswer,
  messagesAnswer,
  messagesWriter,
  readMessages,
} from '@gateway/dialects/anthropic';
import type {
  BlockDelta,
  Ended,
  ErrorBody,
  ErrorType,
  MessageEvent,
  MessageUsage,
  TextBlock,
  ThinkingBlock,
  ToolUseBlock,
  WholeMessage,
} from '@gateway/dialects/anthropic/wire';
import { CONTEXT, wholeStream, written } from './stream-arbitrary';

/** What a client of the package is answered, at once and always the same. */
interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | ReadableStream<Uint8Array>;
}

/** What the package has of our fields; one that it has not is an error. */
type Shared<Ours, Theirs extends Record<keyof Ours, unknown>> = Pick<Theirs, keyof Ours>;

const request = {
  model: 'qwen3-8b',
  max_tokens: 64,
  messages: [{ role: 'user' as const, content: 'hi' }],
};

function clientOf({ status = 200, headers = {}, body }: Answered): Anthropic {
  return new Anthropic({
    apiKey: 'none',
    baseURL: 'http://127.0.0.1:1',
    maxRetries: 0,
    fetch: () => Promise.resolve(new Response(body, { status, headers })),
  });
}

const streaming = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };

/** Bytes in pieces of that size, so that events and letters are cut anywhere. */
function inPieces(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.subarray(at, at + size));
      }
      controller.close();
    },
  });
}

describe("Anthropic's package", () => {
  it('has the types that are written here', () => {
    type Sent = Exclude<MessageEvent, { type: 'ping' } | ErrorBody>;
    expectTypeOf<Sent['type']>().toEqualTypeOf<Anthropic.RawMessageStreamEvent['type']>();
    expectTypeOf<BlockDelta>().toExtend<Anthropic.RawContentBlockDelta>();
    expectTypeOf<TextBlock>().toExtend<Shared<TextBlock, Anthropic.TextBlock>>();
    expectTypeOf<ThinkingBlock>().toExtend<Anthropic.ThinkingBlock>();
    expectTypeOf<ToolUseBlock>().toExtend<Shared<ToolUseBlock, Anthropic.ToolUseBlock>>();
    expectTypeOf<Ended>().toExtend<Shared<Ended, Anthropic.RawMessageDeltaEvent.Delta>>();
    expectTypeOf<Required<MessageUsage>>().toExtend<Shared<MessageUsage, Anthropic.Usage>>();
    expectTypeOf<Required<MessageUsage>>().toExtend<
      Shared<MessageUsage, Anthropic.MessageDeltaUsage>
    >();
    type Head = Omit<WholeMessage, 'content' | 'usage'>;
    expectTypeOf<Head>().toExtend<Shared<Head, Anthropic.Message>>();
    // The one for 413 is in the documentation alone.
    type Known = Exclude<ErrorType, 'request_too_large'>;
    expectTypeOf<Known>().toExtend<Anthropic.ErrorObject['type']>();
    expectTypeOf(countAnswer(1)).toExtend<Anthropic.MessageTokensCount>();
  });

  it('puts a stream together to what the engine said', async () => {
    const letters = fc.string({ unit: 'grapheme' });
    const input = fc
      .dictionary(letters, fc.oneof(letters, fc.integer(), fc.boolean(), fc.constant(null)))
      .map((fields) => JSON.stringify(fields));
    await fc.assert(
      fc.asyncProperty(
        wholeStream(input),
        fc.integer({ min: 1, max: 50 }),
        async (events, size) => {
          const body = inPieces(written(messagesWriter, events, [0, 3]), size);
          const client = clientOf({ headers: streaming, body });
          const { content, ...message } = await client.messages.stream(request).finalMessage();
          expect(content).toEqual(blocksOf(events));
          expect(message).toMatchObject({ id: 'msg_1', role: 'assistant', model: 'qwen3-8b' });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('sends an answer back as it was told', async () => {
    await fc.assert(
      fc.asyncProperty(wholeStream(fc.constant('{"a":[1,"é"]}')), async (events) => {
        const body = written(messagesWriter, events);
        const client = clientOf({ headers: streaming, body });
        const { content } = await client.messages.stream(request).finalMessage();
        const messages = [...request.messages, { role: 'assistant', content }];
        const [, answer] = readMessages({ ...request, messages }).messages;
        const told = (type: string): string =>
          events.flatMap((one) => (one.type === type && 'text' in one ? [one.text] : [])).join('');
        expect(answer).toMatchObject({
          role: 'assistant',
          calls: events.flatMap((one) =>
            one.type === 'callBegun'
              ? [{ id: one.id, name: one.name, arguments: '{"a":[1,"é"]}' }]
              : [],
          ),
        });
        if (answer?.role !== 'assistant') throw new Error('no answer');
        expect(answer.reasoning ?? '').toBe(told('reasoning'));
        expect(answer.parts.map((part) => 'text' in part && part.text).join('')).toBe(told('text'));
      }),
      { numRuns: 50 },
    );
  });

  it('raises an error in a stream with our type and sentence', async () => {
    const failure = { message: 'The engine ended.', code: 'server_error' };
    const events: StreamEvent[] = [
      { type: 'text', text: 'Hi' },
      { type: 'failed', failure },
    ];
    const body = written(messagesWriter, events);
    const stream = clientOf({ headers: streaming, body }).messages.stream(request);
    await expect(stream.finalMessage()).rejects.toMatchObject({
      error: { error: { type: 'api_error', message: 'The engine ended.' } },
    });
  });

  it('takes a whole answer and a count', async () => {
    const answer: Answer = {
      text: 'Hi.',
      calls: [{ id: 'a', name: 'get', arguments: '{}' }],
      reason: 'tool_calls',
    };
    const body = JSON.stringify(messagesAnswer(CONTEXT, answer));
    const message = await clientOf({ headers: json, body }).messages.create(request);
    expect(message.content.map(({ type }) => type)).toEqual(['text', 'tool_use']);
    expect(message.stop_reason).toBe('tool_use');
    const count = clientOf({ headers: json, body: JSON.stringify(countAnswer(7)) });
    expect(await count.messages.countTokens(request)).toMatchObject({ input_tokens: 7 });
  });

  it.each([
    [400, Anthropic.BadRequestError],
    [401, Anthropic.AuthenticationError],
    [403, Anthropic.PermissionDeniedError],
    [404, Anthropic.NotFoundError],
    [429, Anthropic.RateLimitError],
    [503, Anthropic.InternalServerError],
  ])('raises its own class for %i', async (status, kind) => {
    const refusal = new RequestRefused({ status, code: 'c', message: 'Why it is so.' }).refusal;
    const { headers, body } = anthropicRefusal(refusal, 'req_1');
    const client = clientOf({
      status,
      headers: { ...json, ...headers },
      body: JSON.stringify(body),
    });
    const error: unknown = await client.messages.create(request).catch((caught) => caught);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status, requestID: 'req_1', error: body });
  });
});

/** The blocks that a client should end with: what was said one after the other, calls before what came within them. */
function blocksOf(events: readonly StreamEvent[]): unknown[] {
  const blocks: { type: string; said: string; id?: string }[] = [];
  const say = (type: string, text: string): void => {
    const last = blocks.at(-1);
    if (text === '') return;
    if (last?.type === type) last.said += text;
    else blocks.push({ type, said: text });
  };
  let held: (() => void)[] | undefined;
  for (const event of events) {
    if (event.type === 'text' || event.type === 'reasoning') {
      const speak = (): void => say(event.type, event.text);
      if (held === undefined) speak();
      else held.push(speak);
    } else if (event.type === 'callBegun') {
      blocks.push({ type: 'call', said: '', id: event.id });
      held = [];
    } else if (event.type === 'callArguments') {
      const call = blocks.at(-1);
      if (call !== undefined) call.said += event.text;
    } else if (event.type === 'callEnded') {
      for (const speak of held ?? []) speak();
      held = undefined;
    }
  }
  if (blocks.length === 0) return [{ type: 'text', text: '' }];
  return blocks.map(({ type, said, id }) => {
    if (type === 'text') return { type, text: said };
    if (type === 'reasoning') {
      return { type: 'thinking', thinking: said, signature: expect.stringMatching(/./) };
    }
    const input: unknown = JSON.parse(said);
    return { type: 'tool_use', id, name: 'get_weather', input };
  });
}
