import { chatEdits, chatRequest } from '@gateway/dialects/chat/engine-body';
import { readChat } from '@gateway/dialects/chat/read';
import { prepareConversation } from '@gateway/engines/prepare';
import { quirksOf } from '@gateway/engines/quirks';
import { templateFacts } from '@gateway/engines/template-facts';
import { ENGINE_IDS } from '@shared/domain/engine-ids';
import { describe, expect, it } from 'vitest';

import { CLIENT_REQUESTS } from './client-requests';

const CHATML =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + message['content']}}{{ message.reasoning_content }}{{ tools }}{{ enable_thinking }}{% endfor %}";
const STRICT = `${CHATML}{{ raise_exception('System message must be at the beginning.') }}`;
const target = { kind: 'vision' as const, name: 'qwen', requestModel: 'the-model' };

function edit(text: string, engine = 'mlx-lm', template = CHATML, maxTokens?: number): string {
  const body: unknown = JSON.parse(text);
  const conversation = readChat(body);
  const quirks = quirksOf(engine);
  const prepared = prepareConversation(conversation, quirks, templateFacts(template), target);
  const within =
    maxTokens === undefined ? prepared.conversation : { ...prepared.conversation, maxTokens };
  return chatEdits(text, body, conversation, within, target, quirks);
}

const isRefused = (engine: string, body: Readonly<Record<string, unknown>>): boolean =>
  engine === 'mlx-lm' && JSON.stringify(body).includes('json_schema');

describe('the text of a client', () => {
  it('keeps every byte but the model', () => {
    const text =
      '{ "model" : "m",\n "messages": [ {"role":"user","content":"h\\u00e9 \\/"} ],\t"temperature": 1.0, "x":1e2}';
    expect(edit(text)).toBe(text.replace('"m"', '"the-model"'));
  });

  it.each(ENGINE_IDS)('of every client means for %s what the internal form means', (engine) => {
    const quirks = quirksOf(engine);
    for (const [name, body] of CLIENT_REQUESTS) {
      if (isRefused(engine, body)) continue;
      for (const template of [CHATML, STRICT]) {
        const text = JSON.stringify(body, undefined, 1);
        const sent = JSON.parse(edit(text, engine, template));
        const conversation = readChat(body);
        const prepared = prepareConversation(
          conversation,
          quirks,
          templateFacts(template),
          target,
        ).conversation;
        // What was edited reads as what was prepared.
        const again = readChat(sent);
        expect(again.messages.map(comparable), name).toEqual(prepared.messages.map(comparable));
        expect(again.tools, name).toEqual(prepared.tools);
        expect(again.maxTokens, name).toEqual(prepared.maxTokens);
        expect(sent.model, name).toBe('the-model');
        const built = JSON.parse(chatRequest(prepared, target, quirks));
        expect(readChat(built).messages.map(comparable), name).toEqual(
          prepared.messages.map(comparable),
        );
        expect(built.chat_template_kwargs, name).toEqual(sent.chat_template_kwargs);
        if (body.stream === true) expect(sent.stream_options.include_usage, name).toBe(true);
        if (engine !== 'custom') expect(Object.values(sent), name).not.toContain(null);
      }
    }
  });

  it('keeps the messages that need no change while one does', () => {
    const text =
      '{"model":"m","messages":[{"role":"developer","content":"r"}, { "role":"user", "content":"a" }]}';
    expect(edit(text)).toBe(
      '{"model":"the-model","messages":[{"role":"system","content":"r"}, { "role":"user", "content":"a" }]}',
    );
  });

  it('is clamped in the field that the client used', () => {
    const body = (field: string): string => `{"model":"m","messages":[{"role":"user"}],${field}}`;
    expect(edit(body('"max_tokens":32000'), 'mlx-lm', CHATML, 8000)).toContain('"max_tokens":8000');
    expect(
      JSON.parse(edit(body('"max_completion_tokens":32000'), 'mlx-lm', CHATML, 8000)),
    ).toMatchObject({ max_completion_tokens: 8000 });
    const older = JSON.parse(edit(body('"max_completion_tokens":5'), 'vllm-mlx'));
    expect(older.max_tokens).toBe(5);
    expect(older).not.toHaveProperty('max_completion_tokens');
    expect(JSON.parse(edit(body('"max_tokens":-1')))).not.toHaveProperty('max_tokens');
    expect(JSON.parse(edit(body('"x":1'), 'mlx-lm', CHATML, 100)).max_tokens).toBe(100);
  });

  it('loses what an engine refuses or must not get', () => {
    const text =
      '{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{}}]}],"tools":[],"tool_choice":"auto","temperature":null,"stop":"END","adapters":"/x","top_k":-1}';
    expect(JSON.parse(edit(text))).toEqual({
      model: 'the-model',
      messages: [{ role: 'user', content: 'a' }],
      stop: 'END',
      top_k: 0,
    });
    expect(JSON.parse(edit(text, 'vllm-mlx')).stop).toEqual(['END']);
    expect(JSON.parse(edit(text, 'mlx-vlm')).context_management).toEqual([]);
  });

  it('says how much to think where the engine reads it', () => {
    const text =
      '{"model":"m","messages":[{"role":"user","content":"a"}],"reasoning_effort":"none","think":false}';
    expect(JSON.parse(edit(text))).toEqual({
      model: 'the-model',
      messages: [{ role: 'user', content: 'a' }],
      chat_template_kwargs: { enable_thinking: false },
    });
    const own =
      '{"model":"the-model","messages":[{"role":"user","content":"a"}],"chat_template_kwargs":{ "enable_thinking":false}}';
    expect(edit(own)).toBe(own);
    expect(JSON.parse(edit(text, 'custom'))).toMatchObject({ reasoning_effort: 'none' });
  });
});

/** The same for text in one part and in several. */
function comparable(message: ReturnType<typeof readChat>['messages'][number]): unknown {
  const parts = message.parts.map((part) => (part.kind === 'text' ? part.text : part));
  const content = parts.every((part) => typeof part === 'string') ? parts.join('') : parts;
  return JSON.parse(JSON.stringify({ ...message, parts: content }));
}
