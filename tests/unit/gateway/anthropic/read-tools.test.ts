import { describe, expect, it } from 'vitest';
import { read } from './read-request';

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
    expect(names({ tools, messages: changed })).toEqual(['b', 'a', 'c']);
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
