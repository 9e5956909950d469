import { readResponses } from '@gateway/dialects/responses';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { refusalOf } from './refused';
import { nothing, requestWith, someTools } from './some-request';

const text = (said: string) => ({ kind: 'text', text: said });
const messagesOf = (...input: readonly unknown[]) => requestWith({ input }).conversation.messages;
const user = { role: 'user', content: 'hi' };

describe('input', () => {
  it.each(['hi', ''])('is a text, %j too', (input) => {
    expect(requestWith({ input }).conversation.messages).toEqual([
      { role: 'user', parts: [text(input)] },
    ]);
  });

  it('has messages of four roles, with or without a type, as text or as parts', () => {
    expect(
      messagesOf(
        { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'a' }] },
        { role: 'system', content: 'b' },
        user,
        { role: 'assistant', content: [{ type: 'output_text', text: 'c' }] },
        { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }], type: null },
      ),
    ).toEqual([
      { role: 'system', parts: [text('a')] },
      { role: 'system', parts: [text('b')] },
      { role: 'user', parts: [text('hi')] },
      { role: 'assistant', parts: [text('c'), text('no')], reasoning: undefined, calls: [] },
    ]);
  });

  it('has pictures and sounds', () => {
    const content = [
      { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'auto' },
      { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    ];
    expect(messagesOf({ role: 'user', content })).toEqual([
      {
        role: 'user',
        parts: [
          { kind: 'image', url: 'data:image/png;base64,AA==' },
          { kind: 'audio', data: 'AA==', format: 'wav' },
        ],
      },
    ]);
  });

  it('makes one turn of what the model thought, said and called', () => {
    const messages = messagesOf(
      user,
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I look.' }] },
      {
        type: 'function_call',
        call_id: 'c1',
        name: 'f',
        arguments: '{"a":1}',
        status: 'completed',
      },
      { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'x\n' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      {
        type: 'custom_tool_call_output',
        call_id: 'c2',
        output: [{ type: 'input_text', text: 'two' }],
      },
    );
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [text('I look.')],
        reasoning: 'Hm',
        calls: [
          { id: 'c1', name: 'f', arguments: '{"a":1}' },
          { id: 'c2', name: 'g', arguments: '{"input":"x\\n"}' },
        ],
      },
      { role: 'tool', callId: 'c1', name: 'f', parts: [text('one')] },
      { role: 'tool', callId: 'c2', name: 'g', parts: [text('two')] },
    ]);
  });

  it('takes reasoning from its text, else from its summary, never both', () => {
    const reasoning = {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'short' }],
      content: [{ type: 'reasoning_text', text: 'long' }],
      encrypted_content: null,
    };
    const messages = messagesOf(user, reasoning, { role: 'assistant', content: 'yes' });
    expect(messages.at(-1)).toMatchObject({ reasoning: 'long' });
  });

  it('names what it leaves out', () => {
    const { conversation } = requestWith({
      input: [
        user,
        { type: 'reasoning', summary: [], encrypted_content: 'AAAA' },
        { type: 'web_search_call', id: 'ws_1', status: 'completed' },
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm' }] },
        user,
      ],
      truncation: 'auto',
    });
    expect(conversation.messages).toHaveLength(2);
    expect(conversation.changes).toEqual([
      'item reasoning (encrypted for another provider)',
      'item web_search_call (made by another provider)',
      'item reasoning (no answer came of it)',
      'truncation auto (a conversation is never cut)',
    ]);
  });

  it('begins with the instructions', () => {
    expect(requestWith({ instructions: 'Be short.' }).conversation.messages[0]).toEqual({
      role: 'system',
      parts: [text('Be short.')],
    });
  });
});

describe('settings', () => {
  it('are read, and what no dialect knows goes to the engine', () => {
    const { conversation } = requestWith({
      stream: true,
      max_output_tokens: 1,
      temperature: 0.5,
      top_p: null,
      top_k: 20,
      stop: 'END',
      parallel_tool_calls: false,
      reasoning: { effort: 'none', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'a', schema: { type: 'object' }, strict: true },
      },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'k',
      client_metadata: {},
      chat_template_kwargs: { a: 1 },
    });
    expect(conversation).toMatchObject({
      model: 'qwen3-8b',
      isStream: true,
      wantsUsage: true,
      maxTokens: 1,
      sampling: { temperature: 0.5, topP: undefined, topK: 20, stop: ['END'] },
      parallelTools: false,
      thinking: 'off',
      format: { kind: 'schema', name: 'a', schema: { type: 'object' }, strict: true },
      changes: [],
    });
    expect(conversation.extra).toEqual({ chat_template_kwargs: { a: 1 } });
  });

  it('never take a key of the body for something else', () => {
    const body: unknown = JSON.parse(
      '{"model":"m","input":"hi","__proto__":{"stream":true},"constructor":1,"reasoning":{"effort":null}}',
    );
    const { conversation } = readResponses(body, nothing);
    expect(conversation.isStream).toBe(false);
    expect(conversation.extra).toEqual({ constructor: 1 });
    expect(refusalOf(() => requestWith({ reasoning: { effort: 'constructor' } })).param).toBe(
      'reasoning.effort',
    );
  });

  it('of more thinking than there is are said', () => {
    const { conversation } = requestWith({ reasoning: { effort: 'xhigh' } });
    expect(conversation.thinking).toBe('high');
    expect(conversation.changes).toEqual(['reasoning.effort xhigh became high']);
  });
});

describe('tools', () => {
  it('of each kind become functions, and hosted ones are named', () => {
    const { conversation, tools } = requestWith({ tools: someTools });
    expect(conversation.tools.map(({ name }) => name)).toEqual([
      'get_weather',
      'agents__spawn',
      'agents__tell',
      'apply_patch',
    ]);
    expect(conversation.tools[0]).toMatchObject({ strict: true, description: 'The weather.' });
    expect(conversation.tools[3]).toMatchObject({
      description: 'Changes files.\n\nThe input must follow this lark grammar:\nstart: "x"',
      parameters: { required: ['input'] },
    });
    expect(tools.origins.get('agents__tell')).toEqual({
      kind: 'custom',
      name: 'tell',
      namespace: 'agents',
    });
    expect(conversation.changes).toEqual([
      'tool web_search (runs at the provider)',
      'tool apply_patch (its grammar is described, not enforced)',
    ]);
  });

  it('are called in the history what they are called now', () => {
    const { conversation } = requestWith({
      tools: someTools,
      input: [
        user,
        { type: 'function_call', call_id: 'c', name: 'spawn', namespace: 'agents', arguments: '' },
      ],
    });
    expect(conversation.messages.at(-1)).toMatchObject({
      calls: [{ id: 'c', name: 'agents__spawn', arguments: '{}' }],
    });
  });

  it('have names of their own, however their namespaces are called', () => {
    const piece = fc.stringMatching(/^[a-z_ ]{1,70}$/);
    const nested = fc.record({ namespace: piece, name: piece });
    fc.assert(
      fc.property(fc.uniqueArray(nested, { selector: (tool) => JSON.stringify(tool) }), (all) => {
        const tools = [
          { type: 'function', name: 'a__b' },
          ...all.map(({ namespace, name }) => ({
            type: 'namespace',
            name: namespace,
            tools: [{ type: 'function', name }],
          })),
        ];
        const { conversation, tools: names } = requestWith({ tools });
        const flat = conversation.tools.map(({ name }) => name);
        expect(new Set(flat).size).toBe(tools.length);
        for (const name of flat) expect(name).toMatch(/^[\w-]{1,64}$/);
        const back = flat.slice(1).map((name) => names.origins.get(name));
        expect(back).toEqual(all.map((tool) => ({ kind: 'function', ...tool })));
      }),
    );
  });

  it('can be chosen: one, some, any or none', () => {
    const choose = (tool_choice: unknown) => requestWith({ tools: someTools, tool_choice });
    expect(choose('required').conversation.toolChoice).toBe('required');
    expect(choose({ type: 'custom', name: 'apply_patch' }).conversation.toolChoice).toEqual({
      name: 'apply_patch',
    });
    const { conversation } = choose({
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'get_weather' }, { type: 'web_search' }],
    });
    expect(conversation.toolChoice).toBe('required');
    expect(conversation.tools.map(({ name }) => name)).toEqual(['get_weather']);
    expect(requestWith({ tool_choice: 'auto' }).conversation.toolChoice).toBeUndefined();
  });
});

describe('a refusal names the field', () => {
  const part = (content: unknown) => ({ input: [{ role: 'user', content: [content] }] });
  it.each<[string, Record<string, unknown>]>([
    ['model', { model: '' }],
    ['input', { input: null }],
    ['input', { input: 7 }],
    ['input', { input: [] }],
    ['input[1]', { input: [user, 'hi'] }],
    ['input[0].role', { input: [{ role: 'robot', content: 'hi' }] }],
    ['input[0].type', { input: [{ type: 'telepathy' }] }],
    ['input[0].content', { input: [{ role: 'user', content: 7 }] }],
    ['input[0].content[0].type', part({ type: 'smell' })],
    ['input[0].content[0]', part({ type: 'input_file', file_id: 'file-1' })],
    ['input[0].content[0].file_id', part({ type: 'input_image', file_id: 'file-1' })],
    [
      'input[0].content[0].image_url',
      part({ type: 'input_image', image_url: 'file:///etc/passwd' }),
    ],
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f' }] }],
    ['input[0].call_id', { input: [{ type: 'function_call_output', call_id: 'c', output: 'x' }] }],
    ['tools', { tools: {} }],
    ['tools[0].name', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['tools[0].parameters', { tools: [{ type: 'function', name: 'f', parameters: [] }] }],
    ['tools[4].name', { tools: [...someTools, { type: 'custom', name: 'get_weather' }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: someTools, tool_choice: { type: 'web_search' } }],
    ['tool_choice.name', { tools: someTools, tool_choice: { type: 'function', name: 'x' } }],
    ['reasoning.effort', { reasoning: { effort: 'extreme' } }],
    ['text.format.type', { text: { format: { type: 'xml' } } }],
    ['text.format.schema', { text: { format: { type: 'json_schema', name: 'a' } } }],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['temperature', { temperature: 3 }],
    ['stream', { stream: 'yes' }],
    ['background', { background: true }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
  ])('%s of %j', (param, fields) => {
    const refusal = refusalOf(() => requestWith(fields));
    expect(refusal).toMatchObject({ status: 400, code: 'invalid_value', param });
    expect(refusal.message).toContain(param.replace(/\[\d+\]$/, ''));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['previous_response_not_found', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['conversation_not_found', { conversation: { id: 'conv_1' } }, 'conversation'],
    ['item_not_found', { input: [{ type: 'item_reference', id: 'rs_1' }] }, 'input'],
  ])('and is %s for what is not kept', (code, fields, param) => {
    const refusal = refusalOf(() => requestWith(fields));
    expect(refusal).toMatchObject({ status: 404, code, param });
  });

  it('of a body that is none, or nests without end', () => {
    expect(refusalOf(() => readResponses('hi', nothing)).status).toBe(400);
    const nested: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refusalOf(() => requestWith({ metadata: { nested } })).message).toContain('128 levels');
  });
});

it('reads or refuses any body, and never fails otherwise', () => {
  const names = ['model', 'input', 'tools', 'tool_choice', 'reasoning', 'text', 'instructions'];
  const kinds = ['message', 'function_call', 'reasoning', 'function_call_output', 'namespace'];
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(...kinds));
  const item = fc.dictionary(
    fc.constantFrom('type', 'role', 'content', 'name', 'call_id', 'output', 'id', 'tools', 'text'),
    value,
  );
  const body = fc.dictionary(fc.constantFrom(...names), fc.oneof(value, fc.array(item)));
  fc.assert(
    fc.property(body, (fields) => {
      try {
        requestWith(fields);
      } catch {
        refusalOf(() => requestWith(fields));
      }
    }),
  );
});
