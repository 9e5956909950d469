import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamEvent } from '@gateway/conversation/stream-event';
import { messagesWriter } from '@gateway/dialects/anthropic';
import { parseEvents, receive } from './message-protocol';
import { CONTEXT, wholeStream, written } from './stream-arbitrary';

const stopped = { type: 'stopped', reason: 'stop' } as const;
const write = (...events: StreamEvent[]): string => written(messagesWriter, events);

const beats = fc.array(fc.nat(12), { maxLength: 3 });

describe('a stream of Messages', () => {
  it('keeps to the protocol and loses nothing, whatever the engine says', () => {
    fc.assert(
      fc.property(wholeStream(fc.string()), beats, (events, at) => {
        const { message, blocks } = receive(written(messagesWriter, events, at));
        const said = (type: string): string =>
          blocks.flatMap((one) => (one.block.type === type ? [one.said] : [])).join('');
        const told = (type: string): string =>
          events.flatMap((one) => (one.type === type && 'text' in one ? [one.text] : [])).join('');
        expect(said('text')).toBe(told('text'));
        expect(said('thinking')).toBe(told('reasoning'));
        expect(said('tool_use')).toBe(told('callArguments'));
        expect(
          blocks.flatMap(({ block }) => (block.type === 'tool_use' ? [block.id] : [])),
        ).toEqual(events.flatMap((one) => (one.type === 'callBegun' ? [one.id] : [])));
        expect(
          blocks.every(
            ({ block, said: text }) =>
              block.type === 'tool_use' || text !== '' || blocks.length === 1,
          ),
        ).toBe(true);
        const usage = events.findLast((one) => one.type === 'usage')?.usage;
        const prompt = usage?.promptTokens ?? CONTEXT.promptTokens ?? 0;
        const cached = Math.min(prompt, usage?.cachedTokens ?? 0);
        expect(message?.usage).toEqual({
          input_tokens: prompt - cached,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: cached,
          output_tokens: usage?.answerTokens ?? 0,
        });
      }),
    );
  });

  it('that is cut or fails anywhere ends in an error, after which nothing comes', () => {
    fc.assert(
      fc.property(
        wholeStream(fc.string()),
        beats,
        fc.nat(),
        fc.boolean(),
        (events, at, cut, isTold) => {
          const stop = events.findIndex(({ type }) => type === 'stopped');
          const failed: StreamEvent = {
            type: 'failed',
            failure: { message: 'The engine ended.', code: 'server_error' },
          };
          const before = events.slice(0, cut % (stop + 1));
          const sent = isTold ? [...before, failed, ...events] : before;
          const { error } = receive(written(messagesWriter, sent, at));
          expect(error?.type).toBe('api_error');
        },
      ),
    );
  });

  it('begins with what was counted, and beats before it', () => {
    const [ping, start] = parseEvents(written(messagesWriter, [{ type: 'started' }, stopped], [0]));
    expect(ping).toEqual({ type: 'ping' });
    expect(start).toEqual({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        model: 'qwen3-8b',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: {
          input_tokens: 12,
          cache_creation_input_tokens: 0,
          cache_read_input_tokens: 0,
          output_tokens: 0,
        },
      },
    });
  });

  it('of nothing has a block of no text', () => {
    expect(receive(write(stopped)).blocks).toEqual([
      { block: { type: 'text', text: '' }, said: '' },
    ]);
  });

  it('says what came between the pieces of a call behind it', () => {
    const { blocks } = receive(
      write(
        { type: 'callBegun', index: 0, id: 'a', name: 'get' },
        { type: 'callArguments', index: 0, text: '{"a"' },
        { type: 'text', text: '\n' },
        { type: 'callArguments', index: 0, text: ':1}' },
        { type: 'callBegun', index: 1, id: 'b', name: 'get' },
        { type: 'callEnded', index: 1 },
        stopped,
      ),
    );
    expect(blocks.map(({ block, said }) => [block.type, said])).toEqual([
      ['tool_use', '{"a":1}'],
      ['text', '\n'],
      ['tool_use', ''],
    ]);
  });

  it('does not put arguments into a call that has ended', () => {
    const { error } = receive(
      write(
        { type: 'callBegun', index: 0, id: 'a', name: 'get' },
        { type: 'callEnded', index: 0 },
        { type: 'callArguments', index: 0, text: '{}' },
        stopped,
      ),
    );
    expect(error).toEqual({
      type: 'api_error',
      message: 'The engine went on with tool call 0, which is not open.',
    });
  });

  it.each([
    ['context_length_exceeded', 'invalid_request_error'],
    ['rate_limit_exceeded', 'rate_limit_error'],
    ['overloaded', 'overloaded_error'],
    ['server_error', 'api_error'],
  ])('failing with %s says %s', (code, type) => {
    const failure = { message: 'Why.', code };
    expect(receive(write({ type: 'failed', failure })).error).toEqual({ type, message: 'Why.' });
  });
});
