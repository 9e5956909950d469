import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessages } from '@gateway/dialects/anthropic';
import { RequestRefused } from '@gateway/conversation/refusal';
import { read, refusalOf } from './read-request';

describe('settings', () => {
  it.each([
    [{}, undefined],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'max' } }, 'off'],
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, 'low'],
    [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, 'medium'],
    [{ thinking: { type: 'enabled', budget_tokens: 4096 } }, 'high'],
    [{ thinking: { type: 'adaptive' } }, undefined],
    [{ thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
    [{ output_config: { effort: 'xhigh' } }, 'high'],
  ])('%j is thinking %s', (fields, expected) => {
    expect(read(fields)).toMatchObject({ changes: [] });
    expect(read(fields).thinking).toBe(expected);
  });

  it('are read, fields of no dialect of Anthropic are passed on', () => {
    const schema = { type: 'object' };
    expect(
      read({
        stop_sequences: ['END'],
        temperature: 0,
        top_p: 0.5,
        top_k: 20,
        max_tokens: 0,
        stream: null,
        output_format: { type: 'json_schema', schema },
        chat_template_kwargs: { enable_thinking: false },
        metadata: { user_id: 'x' },
      }),
    ).toMatchObject({
      sampling: { stop: ['END'], temperature: 0, topP: 0.5, topK: 20 },
      maxTokens: 1,
      isStream: false,
      format: { kind: 'schema', schema, strict: true },
      extra: { chat_template_kwargs: { enable_thinking: false } },
      changes: ['max_tokens 0 became 1'],
    });
  });
});

describe('what cannot be used is refused by name', () => {
  const image = (source: object): object => ({
    messages: [{ role: 'user', content: [{ type: 'image', source }] }],
  });

  it.each<[string, object]>([
    ['model', { model: '' }],
    ['max_tokens', { max_tokens: null }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'hi' }],
    ['messages.0.role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: 7 }] }],
    ['messages.0.content.0.type', { messages: [{ role: 'user', content: [{ type: 'txt' }] }] }],
    ['messages.0.content.0.source.url', image({ type: 'url', url: 'file:///etc/passwd' })],
    ['messages.0.content.0.source.media_type', image({ type: 'base64', media_type: 'a/b' })],
    ['system.0.type', { system: [{ type: 'image' }] }],
    ['tools.0.input_schema', { tools: [{ name: 'a', input_schema: 'none' }] }],
    ['tool_choice', { tool_choice: { type: 'any' } }],
    ['tool_choice.name', { tool_choice: { type: 'tool', name: 'a' } }],
    ['tool_choice.type', { tool_choice: { type: 'some' } }],
    ['temperature', { temperature: -1 }],
    ['stop_sequences.0', { stop_sequences: [''] }],
    ['output_format.type', { output_format: { type: 'json_object' } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
    ['stream', { stream: 'yes' }],
    ['thread.type', { thread: { type: 'continue', previous_message_id: 'msg_1' } }],
  ])('%s in %j', (param, fields) => {
    const refusal = refusalOf(() => read(fields));
    expect(refusal.param).toBe(param);
    expect(refusal.message).toContain(param);
  });

  it.each([[null], ['text'], [[]], [undefined], [7]])('the body %j', (body) => {
    expect(refusalOf(() => readMessages(body)).param).toBe('body');
  });

  it('a body that is too deep, before anything walks it', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refusalOf(() => read({ metadata: deep })).param).toBe('body');
  });

  it('and whatever else a stranger sends is read or refused, never an error of another kind', () => {
    const word = fc.constantFrom(
      ...['text', 'image', 'tool_use', 'tool_result', 'document', 'thinking', 'tool_addition'],
      ...['user', 'assistant', 'system', 'base64', 'url', 'content', '__proto__', 'constructor'],
    );
    const key = fc.constantFrom(
      ...[
        'type',
        'role',
        'content',
        'text',
        'source',
        'input',
        'tool',
        'name',
        'id',
        'data',
        'url',
      ],
      ...['tool_use_id', 'thinking', '__proto__', 'input_schema', 'media_type', 'definition'],
    );
    const { tree } = fc.letrec<{ tree: unknown; entries: [string, unknown][] }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        word,
        fc.constantFrom<unknown>(null, 0, true, 'x', ''),
        fc.array(tie('tree'), { maxLength: 4 }),
        tie('entries').map((entries) => Object.fromEntries(entries)),
      ),
      entries: fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }),
    }));
    const field = fc.constantFrom(
      ...['messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'metadata'],
      ...['stop_sequences', '__proto__', 'max_tokens', 'stream', 'output_format', 'top_k'],
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(field, tree), { maxLength: 3 }), (fields) => {
        try {
          const { messages } = read(Object.fromEntries(fields));
          expect(messages.length).toBeGreaterThan(0);
        } catch (error) {
          if (!(error instanceof RequestRefused)) throw error;
          expect(error.refusal).toMatchObject({ status: 400, code: 'invalid_value' });
        }
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
        expect('type' in {}).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
