import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCountTokens, readMessages } from '@gateway/dialects/anthropic';
import { textsOf } from './read-request';

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

describe('Claude Code that searched for tools', () => {
  const body = RECORDED.find(({ recording }) => recording === 'claude-tool-search')?.body;

  it('is offered what it found, behind what it had', () => {
    const { tools, messages, changes } = readMessages(body);
    expect(tools.map(({ name }) => name)).toEqual(['Bash', 'Read', 'ToolSearch', 'WebFetch']);
    expect(messages.at(-1)).toMatchObject({
      role: 'tool',
      name: 'ToolSearch',
      parts: [{ text: 'The tool WebFetch is available now.\n' }],
    });
    expect(changes).toContain('tool DeferredToolPlaceholder (deferred until loaded)');
  });
});

/** Every text of a request's system prompt and messages, in order, but for what is meant to go. */
function textsIn(body: Readonly<Record<string, unknown>>): unknown[] {
  const walk = (value: unknown): unknown[] => {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value.flatMap(walk);
    if (typeof value !== 'object' || value === null) return [];
    if ('input' in value) return [JSON.stringify(value.input)];
    if ('tool_name' in value) return [`The tool ${value.tool_name} is available now.\n`];
    if ('text' in value) return walk(value.text);
    return 'content' in value ? walk(value.content) : [];
  };
  return [...walk(body.system), ...walk(body.messages)].filter(
    (text) => !String(text).startsWith('x-anthropic-billing-header'),
  );
}
