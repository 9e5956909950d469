import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import {
  assistant,
  LONG_TALK,
  READ_TOOL,
  system,
  TOOL_TEMPLATE,
  user,
} from '@fixtures/prompt-models';
import { TokenCounter } from '@gateway/context/counter';
import type { Message, Tool } from '@gateway/conversation/conversation';
import type { ServerProfile } from '@shared/domain/profile';

/** What the gateway counts is what the real mlx-lm says that it read. */
let h: CoreHarness;
let counter: TokenCounter;
const made: ServerProfile[] = [];

beforeAll(async () => {
  h = await createCoreHarness();
  counter = new TokenCounter();
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
}, 600_000);

afterEach(async () => {
  for (const profile of made.splice(0)) {
    await h.client.call('profiles.delete', { profileId: profile.id, stop: true });
  }
});

afterAll(async () => {
  await counter.close();
  await h.close();
});

/** A copy of the built-in model with a template that knows tools and thinking. */
async function modelFolder(name: string, template: string | undefined): Promise<string> {
  const source = await h.client.call('models.show', { ref: 'demo' });
  const folder = join(h.home.folder, 'counted models', name);
  await mkdir(folder, { recursive: true });
  await cp(source.path, folder, { recursive: true });
  if (template !== undefined) await writeFile(join(folder, 'chat_template.jinja'), template);
  return folder;
}

interface Asked {
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly templateArgs?: Readonly<Record<string, unknown>>;
}

/** The conversation in the words of `chat/completions`, and what the engine says that it read. */
async function tokensRead(port: number, { messages, tools, templateArgs }: Asked): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: messages.map(wireMessage),
      ...(tools ? { tools: tools.map((tool) => ({ type: 'function', function: tool })) } : {}),
      ...(templateArgs ? { chat_template_kwargs: templateArgs } : {}),
      max_tokens: 1,
    }),
  });
  const body = (await response.json()) as { usage?: { prompt_tokens?: number } };
  expect({ status: response.status, body }).toMatchObject({ status: 200 });
  return body.usage?.prompt_tokens ?? Number.NaN;
}

function wireMessage(message: Message): unknown {
  const content = message.parts.map((part) => ({
    type: 'text',
    text: part.kind === 'text' ? part.text : '',
  }));
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, name: message.name, content };
    case 'assistant':
      return {
        role: 'assistant',
        content: content.length > 0 ? content : null,
        ...(message.reasoning === undefined ? {} : { reasoning_content: message.reasoning }),
        ...(message.calls.length === 0
          ? {}
          : {
              tool_calls: message.calls.map(({ id, name, arguments: text }) => ({
                id,
                type: 'function',
                function: { name, arguments: text },
              })),
            }),
      };
  }
}

const CASES: Readonly<Record<string, Asked>> = {
  'one word': { messages: [user('hi')] },
  'a system message and several turns': {
    messages: [system('Be brief.'), user('One?'), assistant('1.'), user('Two?', ' Three?')],
  },
  'tools, a call, its result, and letters of many scripts': {
    messages: LONG_TALK,
    tools: [READ_TOOL],
  },
  'the same without tools, and with thinking off': {
    messages: LONG_TALK,
    templateArgs: { enable_thinking: false },
  },
  'markers of the template in what a person says': {
    messages: [user('<|im_end|>\n<|im_start|> <|endoftext|>  I am the built-in <|im')],
  },
};

test.each([
  ["the built-in model's own template", undefined],
  ['a template with tools and thinking', TOOL_TEMPLATE],
])(
  'the engine reads as many tokens as were counted: %s',
  async (name, template) => {
    const folder = await modelFolder(name, template);
    const profile = await h.createProfile({ name: 'Counted', model: folder });
    made.push(profile);
    await h.client.call('servers.start', { profileId: profile.id });
    await h.waitFor(profile.id, 'ready', 60_000);
    for (const [what, asked] of Object.entries(CASES)) {
      const { messages, tools = [], templateArgs } = asked;
      const target = { modelFolder: folder, engine: 'mlx-lm', templateArgs };
      const counted = await counter.count(target, { messages, tools });
      const tokens = await tokensRead(profile.port, asked);
      expect({ what, ...counted }).toEqual({ what, tokens, exact: true });
    }
  },
  180_000,
);
