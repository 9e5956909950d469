import { quoted } from '@renderer/text/request-text';

export const SNIPPET_KINDS = [
  { value: 'curl', label: 'curl' },
  { value: 'curl-anthropic', label: 'curl, Anthropic' },
  { value: 'python', label: 'Python, openai' },
  { value: 'python-anthropic', label: 'Python, anthropic' },
  { value: 'node', label: 'Node, openai' },
] as const;
export type SnippetKind = (typeof SNIPPET_KINDS)[number]['value'];

/** Stands where a person puts a key of their own. */
export const KEY_PLACEHOLDER = 'YOUR_KEY';
/** What the packages want where the gateway wants none. */
const NO_KEY = 'not-needed';

export interface SnippetFacts {
  /** `http://127.0.0.1:6590`. */
  readonly url: string;
  /** A name of a profile. */
  readonly model: string;
  readonly needsKey: boolean;
}

/** A program that asks the gateway, as it can be pasted. Pure. */
export function snippetOf(kind: SnippetKind, facts: SnippetFacts): string {
  const { url, needsKey } = facts;
  const key = needsKey ? KEY_PLACEHOLDER : NO_KEY;
  const text = JSON.stringify;
  const model = text(facts.model);
  switch (kind) {
    case 'curl':
      return curl(`${url}/v1/chat/completions`, needsKey ? [`Authorization: Bearer ${key}`] : [], {
        model: facts.model,
        messages: MESSAGES,
      });
    case 'curl-anthropic':
      return curl(
        `${url}/v1/messages`,
        ['anthropic-version: 2023-06-01', ...(needsKey ? [`x-api-key: ${key}`] : [])],
        { model: facts.model, max_tokens: 256, messages: MESSAGES },
      );
    case 'python':
      return `from openai import OpenAI

client = OpenAI(base_url=${text(`${url}/v1`)}, api_key=${text(key)})
answer = client.chat.completions.create(
    model=${model},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`;
    case 'python-anthropic':
      return `from anthropic import Anthropic

client = Anthropic(base_url=${text(url)}, api_key=${text(key)})
message = client.messages.create(
    model=${model},
    max_tokens=256,
    messages=[{"role": "user", "content": "Hello!"}],
)
print(message.content[0].text)`;
    case 'node':
      return `import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${text(`${url}/v1`)}, apiKey: ${text(key)} });
const answer = await client.chat.completions.create({
  model: ${model},
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0].message.content);`;
  }
}

const MESSAGES = [{ role: 'user', content: 'Hello!' }];

function curl(url: string, headers: readonly string[], body: unknown): string {
  return [
    `curl ${quoted(url)}`,
    ...['Content-Type: application/json', ...headers].map((header) => `-H ${quoted(header)}`),
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}
