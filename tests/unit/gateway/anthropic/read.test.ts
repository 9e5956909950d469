import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCountTokens, readMessages } from '@gateway/dialects/anthropic';
import type { Conversation, Message } from '@gateway/conversation/conversation';
import { RequestRefused } from '@gateway/conversation/refusal';

/** A request as a client sent it; strings that were long are their length. */
interface Recorded {
  readonly recording: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const FOLDER = fileURLToPath(
  new URL('../../../fixtures/client-requests/anthropic/', import.meta.url),
);

const RECORDED = readdirSync(FOLDER).flatMap((file): Recorded[] =>
  JSON.parse(readFileSync(`${FOLDER}${file}`, 'utf8')),
);

const read = (fields: object): Conversation =>
  readMessages({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
    ...fields,
  });

const readWith = (...messages: object[]): readonly Message[] => read({ messages }).messages;

function refusalOf(read: () => unknown): { param?: string | undefined; message: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof RequestRefused) return error.refusal;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('what clients sent', () => {
  it.each(RECORDED)('$recording is read without a loss', ({ path, body }) => {
    const conversation = path.endsWith('count_tokens') ? readCountTokens(body) : readMessages(body);
    expect(conversation.model).toBe(body.model);
    expect(conversation.maxTokens).toBe(body.max_tokens);
    expect(conversation.isStream).toBe(body.stream === true);
    expect(conversation.extra).toEqual({});
    expect(textsIn(body)).toEqual(textsOf(conversation));
  });

  it.each(RECORDED.filter(({ recording }) => !recording.startsWith('claude')))(
    '$recording needs no change',
    ({ path, body }) => {
      const { changes } = path.endsWith('count_tokens')
        ? readCountTokens(body)
        : readMessages(body);
      expect(changes).toEqual([]);
    },
  );

  it('Claude Code: what is left out has a name', () => {
    const body = RECORDED.find(({ recording }) => recording === 'claude-tool')?.body;
    expect(readMessages(body)).toMatchObject({
      messages: [
        { role: 'system', parts: [{ kind: 'text' }, { kind: 'text' }] },
        { role: 'user' },
        { role: 'system' },
        { role: 'assistant', calls: [{ id: 'toolu_1', name: 'Bash' }] },
        { role: 'tool', callId: 'toolu_1', name: 'Bash', isError: false },
      ],
      tools: [{ name: 'Bash' }, { name: 'Read' }, { name: 'ToolSearch' }],
      maxTokens: 32000,
      thinking: 'high',
      changes: [
        'attribution line of 74 characters (says nothing to a model)',
        'tool DeferredToolPlaceholder (deferred until loaded)',
        'context_management (done by the provider)',
      ],
    });
  });
});

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

describe('tools', () => {
  const schema = { type: 'object', properties: {} };
  const names = (fields: object): readonly string[] => read(fields).tools.map(({ name }) => name);

  it('that do not run at the client are left out and named', () => {
    const { tools, changes } = read({
      tools: [
        { name: 'get', description: '', input_schema: schema, type: 'custom', strict: true },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
        { type: 'bash_20250124', name: 'bash' },
        { type: 'mcp_toolset', mcp_server_name: 'files' },
        { name: 'bare' },
      ],
    });
    expect(tools).toEqual([{ name: 'get', description: '', parameters: schema, strict: true }]);
    expect(changes).toEqual([
      'tool web_search (runs at the provider)',
      'tool bash (bash_20250124: only models of Anthropic know its schema)',
      'tool files (runs at the provider)',
      'tool bare (has no input_schema)',
    ]);
  });

  it('that are deferred are offered once the conversation has loaded them', () => {
    const tools = [
      { name: 'search', input_schema: schema },
      { name: 'a', input_schema: schema, defer_loading: true },
      { name: 'b', input_schema: schema, defer_loading: true },
    ];
    const found = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: [{ type: 'tool_use', id: '1', name: 'search', input: {} }] },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: '1',
            content: [{ type: 'tool_reference', tool_name: 'b' }],
          },
        ],
      },
    ];
    const changed = [
      ...found,
      {
        role: 'system',
        content: [
          { type: 'tool_removal', tool: { type: 'tool_reference', name: 'search' } },
          { type: 'tool_addition', tool: { type: 'tool_reference', name: 'a' } },
          {
            type: 'tool_addition',
            tool: { type: 'tool_definition', definition: { name: 'c', input_schema: schema } },
          },
        ],
      },
    ];
    expect(names({ tools })).toEqual(['search']);
    expect(names({ tools, messages: found })).toEqual(['search', 'b']);
    expect(names({ tools, messages: changed })).toEqual(['a', 'b', 'c']);
    expect(read({ tools, messages: changed }).changes).toEqual([]);
    // Nothing can load them where the search itself does not run here.
    const hosted = [{ type: 'tool_search_tool_regex_20251119', name: 's' }, ...tools];
    expect(names({ tools: hosted })).toEqual(['search', 'a', 'b']);
  });

  it('of a provider that come on the way are left out and named', () => {
    const content = [
      { type: 'tool_addition', tool: { type: 'mcp_toolset_reference', server_name: 'files' } },
      {
        type: 'tool_addition',
        tool: { type: 'tool_definition', definition: { type: 'web_search_1', name: 'web' } },
      },
      { type: 'text', text: 'Go on.' },
    ];
    const messages = [{ role: 'system', content, output_config: { effort: 'low' } }];
    expect(read({ messages })).toMatchObject({
      messages: [{ role: 'system', parts: [{ kind: 'text', text: 'Go on.' }] }],
      tools: [],
      changes: [
        'output_config of a system message (an effort per turn)',
        "mcp_toolset_reference of a system message (its provider's own)",
        'tool web (runs at the provider)',
      ],
    });
  });

  it('that are left out by the hundred do not fill the record', () => {
    const hosted = Array.from({ length: 120 }, (_, index) => ({ type: 'x', name: `t${index}` }));
    const { changes } = read({ tools: hosted });
    expect(changes.length).toBe(51);
    expect(changes.at(-1)).toBe('and 70 more changes');
    const deferred = hosted.map(({ name }) => ({
      name,
      input_schema: schema,
      defer_loading: true,
    }));
    expect(read({ tools: deferred }).changes).toEqual([
      'tools t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 110 more (deferred until loaded)',
    ]);
  });

  it.each([
    [{ type: 'auto' }, { toolChoice: 'auto' }],
    [{ type: 'none' }, { toolChoice: 'none' }],
    [
      { type: 'any', disable_parallel_tool_use: true },
      { toolChoice: 'required', parallelTools: false },
    ],
    [
      { type: 'tool', name: 'get', disable_parallel_tool_use: false },
      { toolChoice: { name: 'get' }, parallelTools: true },
    ],
  ])('are chosen as %j says', (tool_choice, expected) => {
    const tools = [{ name: 'get', input_schema: schema }];
    const { toolChoice, parallelTools } = read({ tools, tool_choice });
    expect({ toolChoice, parallelTools }).toEqual(expected);
  });
});

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

/** Every text of a request's system prompt and messages, in order, but for what is meant to go. */
function textsIn(body: Readonly<Record<string, unknown>>): unknown[] {
  const walk = (value: unknown): unknown[] => {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value.flatMap(walk);
    if (typeof value !== 'object' || value === null) return [];
    if ('input' in value) return [JSON.stringify(value.input)];
    if ('text' in value) return walk(value.text);
    return 'content' in value ? walk(value.content) : [];
  };
  return [...walk(body.system), ...walk(body.messages)].filter(
    (text) => !String(text).startsWith('x-anthropic-billing-header'),
  );
}

function textsOf({ messages }: Conversation): unknown[] {
  return messages.flatMap((message) => [
    ...message.parts.map((part) => (part.kind === 'text' ? part.text : part.kind)),
    ...('calls' in message ? message.calls.map((call) => call.arguments) : []),
  ]);
}
