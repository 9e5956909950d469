import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LookUp, readResponses } from '@gateway/dialects/responses';
import { describe, expect, it } from 'vitest';

/**
 * What clients sent to a recording server on 30 November 2026, and Codex in case `patch` to this dialect; texts of more than 60 characters are their lengths. One
 * request in each line; those that several runs sent alike are there once.
 */
const folder = join(import.meta.dirname, '../../../fixtures/client-requests/responses');

interface Recorded {
  readonly client: string;
  readonly case: string;
  readonly request: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const recorded = (file: string): Recorded[] =>
  readFileSync(join(folder, `${file}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What an earlier turn of the recorded conversations answered. */
const lookUp: LookUp = {
  response: () => undefined,
  conversation: () => undefined,
  item: (id) =>
    id === 'rs_1'
      ? { item: { type: 'reasoning', id, summary: [{ type: 'summary_text', text: 'Hm' }] } }
      : undefined,
};

const read = ({ body }: Recorded) => readResponses(body, lookUp).conversation;
const requestOf = (file: string, name: string, request = 1) => {
  const found = recorded(file).find((one) => one.case === name && one.request === request);
  if (!found) throw new Error(`${file} has no ${name} ${request}`);
  return read(found);
};

describe.each(['codex', 'aisdk-openai', 'langchain-openai-responses'])('%s', (file) => {
  it.each(recorded(file).map((one) => [`${one.case} ${one.request}`, one] as const))(
    'is understood in %s, and nothing of it is lost in silence',
    (_name, one) => {
      const { messages, changes, extra, tools } = read(one);
      expect(messages.length).toBeGreaterThan(0);
      expect(extra).toEqual({});
      const isCodex = file === 'codex' && tools.length > 0;
      const hosted = changes.filter((change) => change.startsWith('tool web_search'));
      expect(hosted).toEqual(isCodex ? ['tool web_search (runs at the provider)'] : []);
      expect(changes.length - hosted.length).toBe(one.case === 'patch' ? 1 : 0);
    },
  );
});

describe('Codex', () => {
  it('has its developer messages before the person, and its nested tools in the list', () => {
    const { messages, tools, toolChoice, parallelTools } = requestOf('codex', 'tool');
    expect(messages.map(({ role }) => role)).toEqual(['system', 'system', 'user', 'user']);
    expect(tools).toHaveLength(12);
    expect(tools.map(({ name }) => name)).toContain('multi_agent_v1__spawn_agent');
    expect({ toolChoice, parallelTools }).toEqual({ toolChoice: 'auto', parallelTools: true });
  });

  it('says the same again in its second turn, with the call and what came of it', () => {
    const first = requestOf('codex', 'tool').messages;
    const second = requestOf('codex', 'tool', 2).messages;
    expect(second.slice(0, first.length)).toEqual(first);
    expect(second.slice(first.length)).toMatchObject([
      { role: 'assistant', parts: [], calls: [{ id: 'call_1', name: 'exec_command' }] },
      { role: 'tool', callId: 'call_1', name: 'exec_command' },
    ]);
  });

  it('sends back what it did with tools of each kind, and the reasoning before', () => {
    const { messages, changes } = requestOf('codex', 'patch', 3);
    expect(messages.slice(4)).toMatchObject([
      {
        role: 'assistant',
        reasoning: 'I should look.',
        calls: [{ name: 'exec_command' }, { name: 'multi_agent_v1__close_agent' }],
      },
      { role: 'tool', name: 'exec_command' },
      { role: 'tool', name: 'multi_agent_v1__close_agent' },
      {
        role: 'assistant',
        calls: [
          {
            name: 'apply_patch',
            arguments: JSON.stringify({
              input: '*** Begin Patch\n*** Add File: hello.txt\n+hi "there"\n*** End Patch',
            }),
          },
        ],
      },
      { role: 'tool', name: 'apply_patch' },
    ]);
    expect(changes).toContain('tool apply_patch (its grammar is described, not enforced)');
  });

  it('wakes a model with an empty text', () => {
    const { messages, maxTokens, isStream } = requestOf('codex', 'lmstudio');
    expect(messages).toEqual([{ role: 'user', parts: [{ kind: 'text', text: '' }] }]);
    expect({ maxTokens, isStream }).toEqual({ maxTokens: 1, isStream: false });
  });

  it('asks for the effort that its catalog has', () => {
    expect(requestOf('codex', 'catalog').thinking).toBe('medium');
  });
});

describe("Vercel's SDK", () => {
  it('refers to the reasoning of the first turn in its second', () => {
    expect(requestOf('aisdk-openai', 'toolreason', 2).messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', reasoning: 'Hm', calls: [{ id: 'call_1', name: 'get_weather' }] },
      { role: 'tool', callId: 'call_1', parts: [{ kind: 'text', text: 'sunny' }] },
    ]);
  });

  it('asks for an object by its schema', () => {
    expect(requestOf('aisdk-openai', 'object').format).toMatchObject({
      kind: 'schema',
      name: 'response',
      strict: true,
    });
  });
});
