import { RequestRefused } from '@gateway/conversation/refusal';
import { readChat } from '@gateway/dialects/chat/read';
import { readCompletion } from '@gateway/dialects/chat/completion';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CLIENT_REQUESTS } from './client-requests';

const hi = [{ role: 'user', content: 'hi' }];
const text = (value: string) => [{ kind: 'text', text: value }];
const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };

describe('a request of chat completions', () => {
  it.each(CLIENT_REQUESTS)('is read as %s sends it', (_, body) => {
    const conversation = readChat(body);
    expect(conversation.messages).toHaveLength((body.messages as unknown[]).length);
    expect(conversation.tools).toHaveLength(((body.tools ?? []) as unknown[]).length);
    expect(conversation.maxTokens).toBe(body.max_completion_tokens ?? body.max_tokens);
    expect(conversation.changes).toEqual([]);
  });

  it('keeps each role and each form of content', () => {
    const { messages } = readChat({
      model: 'm',
      messages: [
        { role: 'developer', content: 'rules' },
        { role: 'user', content: [{ type: 'text', text: 'a', cache_control: { type: 'x' } }, 'b'] },
        { role: 'system', content: 'late' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'because',
          reasoning: 'because',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'done' }] },
        { role: 'assistant' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;x' } }] },
      ],
    });
    expect(messages).toEqual([
      { role: 'system', parts: text('rules') },
      { role: 'user', parts: [...text('a'), ...text('b')] },
      { role: 'system', parts: text('late') },
      {
        role: 'assistant',
        parts: [],
        reasoning: 'because',
        calls: [{ id: 'c1', name: 'f', arguments: '{}' }],
      },
      { role: 'tool', callId: 'c1', parts: text('done') },
      { role: 'assistant', parts: [], calls: [] },
      { role: 'user', parts: [{ kind: 'image', url: 'data:image/png;x' }] },
    ]);
  });

  it('keeps what it has no place for, and leaves out what stands elsewhere', () => {
    const body = JSON.parse(
      '{"model":"m","messages":[{"role":"user","content":"hi"}],"store":false,"logprobs":null,"__proto__":{"a":1},"think":false,"chat_template_kwargs":{"enable_thinking":true,"other":1}}',
    );
    const { extra, thinking } = readChat(body);
    expect(thinking).toBe('off');
    expect(JSON.stringify(extra)).toBe(
      '{"store":false,"__proto__":{"a":1},"chat_template_kwargs":{"other":1}}',
    );
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype);
  });

  it('knows every form of the tool choice and of the output', () => {
    const read = (fields: object) => readChat({ model: 'm', messages: hi, ...fields });
    expect(read({ tools: [] }).tools).toEqual([]);
    expect(read({ tools: [weather], tool_choice: 'required' }).toolChoice).toBe('required');
    const named = { type: 'function', function: { name: 'weather' } };
    expect(read({ tools: [weather], tool_choice: named }).toolChoice).toEqual({ name: 'weather' });
    expect(read({ tools: [], tool_choice: 'auto' }).toolChoice).toBe('auto');
    expect(read({ response_format: { type: 'text' } }).format).toBeUndefined();
    expect(read({ response_format: { type: 'json_object' } }).format).toEqual({ kind: 'json' });
    expect(read({ stop: 'END' }).sampling.stop).toEqual(['END']);
    expect(read({ max_tokens: -1 }).maxTokens).toBeUndefined();
    const hosted = read({ tools: [{ type: 'web_search' }, weather] });
    expect(hosted.tools).toHaveLength(1);
    expect(hosted.changes).toEqual(['tool web_search (no function)']);
  });

  it.each([
    ['model', {}],
    ['messages', { messages: [] }],
    ['messages', { messages: 'hi' }],
    ['messages[0]', { messages: ['hi'] }],
    ['messages[0].role', { messages: [{ role: 'function', content: '' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 7 }] }],
    ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'x' }] }] }],
    [
      'messages[0].content[0].image_url',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: '/etc/passwd' }] }] },
    ],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice.function.name', { tools: [weather], tool_choice: { function: { name: 'x' } } }],
    ['n', { n: 2 }],
    ['temperature', { temperature: 'hot' }],
    ['top_p', { top_p: 2 }],
    ['max_tokens', { max_tokens: 0 }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['stop', { stop: [1] }],
    ['stream', { stream: 'yes' }],
    ['response_format.type', { response_format: { type: 'xml' } }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['reasoning_effort', { reasoning_effort: 'lots' }],
  ])('is refused with the field %s', (param, fields) => {
    const body = { ...(param === 'model' ? {} : { model: 'm' }), messages: hi, ...fields };
    expect(() => readChat(body)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ status: 400, param }) }),
    );
  });

  it('is read or refused with a sentence, whatever it is', () => {
    const any = fc.oneof(
      fc.jsonValue(),
      fc.record({
        model: fc.constant('m'),
        messages: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record(
              {
                role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
                content: fc.jsonValue(),
                tool_calls: fc.jsonValue(),
              },
              { requiredKeys: ['role'] },
            ),
          ),
        ),
        tools: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
      }),
    );
    fc.assert(
      fc.property(any, (body) => {
        try {
          readChat(body);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestRefused);
        }
      }),
    );
  });
});

describe('a request of text completions', () => {
  it('has one prompt', () => {
    expect(readCompletion({ model: 'm', prompt: ['a'], stream: true })).toMatchObject({
      prompt: 'a',
      isStream: true,
      wantsUsage: false,
    });
    for (const prompt of [['a', 'b'], [1, 2], undefined])
      expect(() => readCompletion({ model: 'm', prompt })).toThrow(RequestRefused);
  });
});
