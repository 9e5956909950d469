import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '@gateway/conversation/conversation';
import { read, refusalOf, textsOf } from './read-request';

const readWith = (...messages: object[]): readonly Message[] => read({ messages }).messages;

describe('messages', () => {
  it('read the same as a string and as blocks, wherever a cache mark is', () => {
    fc.assert(
      fc.property(fc.constantFrom('user', 'assistant', 'system'), fc.string(), (role, text) => {
        const plain = readWith({ role: 'user', content: 'hi' }, { role, content: text });
        const blocks = [{ type: 'text', text, cache_control: { type: 'ephemeral' } }];
        expect(readWith({ role: 'user', content: 'hi' }, { role, content: blocks })).toEqual(plain);
      }),
    );
  });

  it('keep the order of results and text in one turn of a user', () => {
    expect(
      readWith(
        { role: 'user', content: 'weather?' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'look ', signature: 'x' },
            { type: 'thinking', thinking: 'it up', signature: 'y' },
            { type: 'text', text: 'Looking.' },
            { type: 'tool_use', id: 'a', name: 'get', input: { city: 'Berlin', 7: null } },
            { type: 'tool_use', id: 'b', name: 'see', input: {}, cache_control: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See:' },
            { type: 'tool_result', tool_use_id: 'a', content: 'sunny' },
            {
              type: 'tool_result',
              tool_use_id: 'b',
              is_error: true,
              content: [
                { type: 'text', text: 'half' },
                {
                  type: 'image',
                  source: { type: 'base64', media_type: 'image/png', data: 'AA==' },
                },
              ],
            },
            { type: 'text', text: 'and?' },
          ],
        },
      ),
    ).toEqual([
      { role: 'user', parts: [{ kind: 'text', text: 'weather?' }] },
      {
        role: 'assistant',
        parts: [{ kind: 'text', text: 'Looking.' }],
        reasoning: 'look it up',
        calls: [
          { id: 'a', name: 'get', arguments: '{"7":null,"city":"Berlin"}' },
          { id: 'b', name: 'see', arguments: '{}' },
        ],
      },
      { role: 'user', parts: [{ kind: 'text', text: 'See:' }] },
      { role: 'tool', callId: 'a', name: 'get', parts: [{ kind: 'text', text: 'sunny' }] },
      {
        role: 'tool',
        callId: 'b',
        name: 'see',
        isError: true,
        parts: [
          { kind: 'text', text: 'half' },
          { kind: 'image', url: 'data:image/png;base64,AA==' },
        ],
      },
      { role: 'user', parts: [{ kind: 'text', text: 'and?' }] },
    ]);
  });

  it('have documents with text as text, and no file that cannot be read in silence', () => {
    const pdf = {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' },
    };
    const messages = [{ role: 'user', content: [pdf] }];
    expect(refusalOf(() => read({ messages })).param).toBe('messages.0.content.0');
    const withTools = read({ messages, tools: [{ name: 't', input_schema: {} }] });
    expect(textsOf(withTools)).toEqual([
      '[Attached here: a PDF document, which this model cannot read.]',
    ]);
    expect(withTools.changes).toEqual([
      'a PDF document at messages.0.content.0 (became a line that says so)',
    ]);
    const text = {
      type: 'document',
      title: 'Notes',
      source: { type: 'text', media_type: 'text/plain', data: 'Words.' },
    };
    expect(textsOf(read({ messages: [{ role: 'user', content: [text] }] })).join('')).toBe(
      '<document>\nTitle: Notes\nWords.\n</document>\n',
    );
  });

  it('lose what only a provider can read, by name', () => {
    const { messages, changes } = read({
      messages: [
        { role: 'user', content: 'hi' },
        {
          role: 'assistant',
          content: [
            { type: 'redacted_thinking', data: 'x' },
            { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
            { type: 'tool_use', id: 'a', name: 'get', input: [1] },
            { type: 'text', text: 'Found.' },
          ],
        },
      ],
    });
    expect(messages[1]).toMatchObject({
      parts: [{ text: 'Found.' }],
      calls: [{ arguments: '{"INVALID_JSON":"[1]"}' }],
    });
    expect(changes).toEqual([
      'redacted_thinking (only its provider can read it)',
      "block server_tool_use (its provider's own)",
      'messages.1.content.3 (text after a tool call stands before it)',
    ]);
  });

  it('of a system for one turn are gone when the next has begun', () => {
    const first = { role: 'user', content: 'hi' };
    const passing = { role: 'system', content: 'Soon over.', clear_at: 'next_user_message' };
    const rolesOf = (...messages: object[]): readonly string[] =>
      readWith(...messages).map(({ role }) => role);
    expect(rolesOf(first, passing)).toEqual(['user', 'system']);
    expect(rolesOf(first, passing, first)).toEqual(['user', 'user']);
    expect(rolesOf(first, { ...passing, clear_at: 'never' }, first)).toEqual([
      'user',
      'system',
      'user',
    ]);
  });

  it("have a provider's summary of what went before as text", () => {
    const summary = { type: 'compaction', content: 'They met.', tool_changes: null };
    expect(readWith({ role: 'assistant', content: [summary] })).toMatchObject([
      { role: 'assistant', parts: [{ kind: 'text', text: 'They met.' }] },
    ]);
  });
});
