import { readChat } from '@gateway/dialects/chat/read';
import { prepareConversation } from '@gateway/engines/prepare';
import { quirksOf } from '@gateway/engines/quirks';
import { type TemplateFacts, templateFacts } from '@gateway/engines/template-facts';
import { cpuMsOf } from '@fixtures/cpu-time';
import { describe, expect, it, test } from 'vitest';

const QWEN =
  "{%- if tools %}{{ tools | tojson }}{% endif %}{%- for message in messages %}{%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}{{- '<|im_start|>' + message.role + message.content }}{%- elif message.role == 'assistant' %}{{ message.reasoning_content }}{%- endif %}{%- endfor %}{%- if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}";
const STRICT =
  "{%- for message in messages %}{%- if message.role == 'system' %}{%- if not loop.first %}{{ raise_exception('System message must be at the beginning.') }}{%- endif %}{%- endif %}{{ message.content }}{%- endfor %}";
const GEMMA =
  "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% set role = message['role'] %}{{ '<start_of_turn>' + role }}{% endfor %}";
const GEMMA_2 = `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${GEMMA}`;
const CHATML =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content']}}{% endfor %}";
const COLLECTS =
  "{%- for message in messages %}{%- if message['role'] == 'system' %}{%- set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{%- for message in messages %}{%- if message['role'] == 'user' %}{{ message['content'] }}{%- endif %}{%- endfor %}";
const GLM =
  "{% for m in messages %}{%- if m.role == 'user' -%}<|user|>{{ m.content }}{%- elif m.role == 'system' -%}\n<|system|>\n{{ m.content }}{%- endif %}{% endfor %}";
const HARMONY =
  "{%- for message in loop_messages -%}{%- if message.role == 'assistant' -%}{{ message.thinking }}{%- elif message.role == 'user' -%}{{- '<|start|>user' + message.content }}{%- endif -%}{%- endfor -%}{{ reasoning_effort }}";

const facts = (text: string): TemplateFacts => templateFacts(text);

describe('what a template does', () => {
  it.each([
    ['Qwen', QWEN, true, false],
    ['ChatML', CHATML, true, false],
    ['GLM', GLM, true, false],
    ['one with the system first', STRICT, false, false],
    ['Gemma', GEMMA, false, true],
    ['one that collects the system messages', COLLECTS, false, false],
    ['harmony', HARMONY, false, false],
  ])('with a late system message and two users is seen in %s', (_, text, late, alternation) => {
    expect(facts(text)).toMatchObject({ lateSystem: late, alternation });
  });

  it('with thinking, tools and reasoning is seen', () => {
    expect(facts(QWEN)).toMatchObject({
      tools: true,
      reasoning: true,
      thinkingSwitch: 'enable_thinking',
      effort: false,
    });
    expect(facts(HARMONY)).toMatchObject({ thinkingSwitch: undefined, effort: true });
    expect(facts('{% if not thinking %}</think>{% endif %}').thinkingSwitch).toBe('thinking');
    expect(facts(GEMMA_2).system).toBe(false);
    expect(templateFacts(undefined)).toMatchObject({ isKnown: false, lateSystem: false });
  });
});

const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
const time = { type: 'function', function: { name: 'time', parameters: { type: 'object' } } };
const target = { kind: 'text' as const, name: 'qwen' };

function prepare(body: object, engine = 'mlx-lm', template = QWEN) {
  const conversation = readChat({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    ...body,
  });
  const prepared = prepareConversation(conversation, quirksOf(engine), facts(template), target);
  return { before: conversation, ...prepared };
}

/** Roles and texts of the messages that an engine gets. */
function told(body: object, template: string, engine = 'mlx-lm') {
  return prepare(body, engine, template).conversation.messages.map(({ role, parts }) => [
    role,
    parts.map((part) => (part.kind === 'text' ? part.text : part.kind)).join(''),
  ]);
}

const NOTE = (text: string): string => `<system-note>\n${text}\n</system-note>`;

describe('messages', () => {
  const messages = [
    { role: 'system', content: 'rules' },
    { role: 'developer', content: 'more' },
    { role: 'user', content: 'a' },
    { role: 'system', content: 'late' },
    { role: 'assistant', content: 'b' },
    { role: 'system', content: 'later' },
    { role: 'user', content: 'c' },
  ];

  it('stay as they are where the template takes them', () => {
    const { before, conversation, changes } = prepare({ messages });
    expect(conversation.messages.every((message, at) => message === before.messages[at])).toBe(
      true,
    );
    expect(changes).toEqual([]);
  });

  it('of the system in the middle become part of the users beside them elsewhere', () => {
    const expected = [
      ['system', 'rules\n\nmore'],
      ['user', `a\n\n${NOTE('late')}`],
      ['assistant', 'b'],
      ['user', `${NOTE('later')}\n\nc`],
    ];
    expect(told({ messages }, STRICT)).toEqual(expected);
    expect(told({ messages }, GEMMA)).toEqual(expected);
    // It would move them all to the front.
    expect(told({ messages }, QWEN, 'mlx-vlm')).toEqual(expected);
    expect(prepare({ messages }, 'mlx-lm', STRICT).changes).toEqual([
      '2 system messages became one',
      '2 system messages became part of the user message beside them',
    ]);
  });

  it('begin in the next request as they ended in this one', () => {
    const turn = [
      { role: 'user', content: 'a' },
      { role: 'system', content: 'environment' },
    ];
    const first = told({ messages: turn }, STRICT);
    const next = [...turn, { role: 'assistant', content: 'b' }, { role: 'user', content: 'c' }];
    expect(told({ messages: next }, STRICT).slice(0, first.length)).toEqual(first);
  });

  it('never stand between a call and its result', () => {
    const call = { id: '1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const between = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'system', content: 'note' },
      { role: 'tool', tool_call_id: '1', content: 'r' },
    ];
    expect(told({ messages: between }, STRICT).map(([role]) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'user',
    ]);
  });

  it('of two users in a row become one where the template needs turns', () => {
    const users = [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ];
    expect(told({ messages: users }, GEMMA)).toEqual([['user', 'a\n\nb']]);
    expect(told({ messages: users }, QWEN)).toHaveLength(2);
  });

  it('of a system without a place go to the first user', () => {
    expect(told({ messages: messages.slice(0, 3) }, GEMMA_2)).toEqual([
      ['user', `${NOTE('rules\n\nmore')}\n\na`],
    ]);
  });

  it('keep reasoning only where the template reads it', () => {
    const answered = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b', reasoning_content: 'why' },
    ];
    expect(prepare({ messages: answered }).conversation.messages[1]).toHaveProperty(
      'reasoning',
      'why',
    );
    const { conversation, changes } = prepare({ messages: answered }, 'mlx-lm', STRICT);
    expect(conversation.messages[1]).not.toHaveProperty('reasoning', 'why');
    expect(changes).toHaveLength(1);
  });

  it('have arguments that are JSON objects', () => {
    const called = (text: string) => [
      { role: 'user', content: 'a' },
      { role: 'assistant', tool_calls: [{ id: '1', function: { name: 'f', arguments: text } }] },
    ];
    const told = (text: string, engine?: string) => {
      const message = prepare({ messages: called(text) }, engine).conversation.messages[1];
      return message?.role === 'assistant' ? message.calls[0]?.arguments : undefined;
    };
    expect(told('{"a": 1}')).toBe('{"a": 1}');
    expect(told('')).toBe('{}');
    expect(told('{"a": ')).toBe('{"input":"{\\"a\\": "}');
    expect(told('{"a": ', 'custom')).toBe('{"a": ');
  });
});

describe('what an engine has not', () => {
  const schema = {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'x', schema: { type: 'object' } },
    },
  };

  it('is refused where the answer would not be what was asked for', () => {
    expect(() => prepare(schema)).toThrow(/mlx-lm doesn't enforce JSON schemas/);
    for (const engine of ['mlx-vlm', 'vllm-mlx', 'mlx-openai-server', 'custom'])
      expect(prepare(schema, engine).conversation.format).toMatchObject({ kind: 'schema' });
    const image = [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png,' } }] },
    ];
    expect(() => prepare({ messages: image })).toThrow(/qwen reads text only/);
  });

  it('is named where it is left out', () => {
    expect(prepare({ stop: 'END', seed: 1 }, 'mlx-vlm').changes).toEqual([
      "stop (mlx-vlm doesn't support it)",
    ]);
    expect(prepare({ adapters: '/tmp/x' }).conversation.extra).toEqual({});
    expect(prepare({ adapters: '/tmp/x' }).changes).toHaveLength(1);
    expect(prepare({ max_tokens: 100_000 }, 'vllm-mlx')).toMatchObject({
      conversation: { maxTokens: 32_768 },
      changes: ['max_tokens 100000 became 32768 (vllm-mlx takes no more)'],
    });
    expect(prepare({ response_format: { type: 'json_object' } }).changes).toHaveLength(1);
  });

  it('is done by a sentence for a forced call', () => {
    const forced = { tools: [weather, time], tool_choice: { function: { name: 'time' } } };
    const { conversation } = prepare(forced);
    expect(conversation.tools.map(({ name }) => name)).toEqual(['time']);
    expect(conversation.toolChoice).toBeUndefined();
    expect(told(forced, STRICT)).toEqual([
      ['user', `hi\n\n${NOTE('Call the tool time now. Do not answer in words.')}`],
    ]);
    expect(prepare(forced, 'mlx-vlm').conversation.toolChoice).toEqual({ name: 'time' });
    expect(prepare({ tools: [time], tool_choice: 'none' }).conversation.tools).toEqual([]);
    expect(prepare({ tools: [time] }, 'mlx-openai-server').conversation.toolChoice).toBe('auto');
  });
});

describe('thinking', () => {
  const off = { reasoning_effort: 'none' };
  it.each([
    ['mlx-lm', QWEN, off, { chat_template_kwargs: { enable_thinking: false } }],
    ['mlx-lm', QWEN, { think: true }, { chat_template_kwargs: { enable_thinking: true } }],
    ['mlx-lm', HARMONY, { think: 'high' }, { chat_template_kwargs: { reasoning_effort: 'high' } }],
    ['mlx-lm', HARMONY, off, { chat_template_kwargs: { reasoning_effort: 'low' } }],
    ['mlx-lm', CHATML, off, {}],
    ['mlx-vlm', QWEN, off, { enable_thinking: false, context_management: [] }],
    ['custom', QWEN, off, { reasoning_effort: 'none' }],
    ['mlx-lm', QWEN, {}, {}],
    [
      'mlx-lm',
      QWEN,
      { chat_template_kwargs: { a: 1, enable_thinking: false } },
      { chat_template_kwargs: { a: 1, enable_thinking: false } },
    ],
  ])('reaches %s with its template', (engine, template, body, extra) => {
    expect(prepare(body, engine, template).conversation.extra).toEqual(extra);
  });

  it('that the template does not have is named', () => {
    expect(prepare(off, 'mlx-lm', CHATML).changes).toEqual([
      "thinking off (the model's template has no such setting)",
    ]);
  });
});

test('a template that was made to be slow is read at once', () => {
  const starts = [
    '{% for a in messages %}',
    '{{ a',
    "{{ a.role == 'system' ",
    "raise_exception('",
    '{%if ',
  ];
  for (const start of starts) {
    const text = `{% for a in messages %}${start.repeat(200_000 / start.length)}`;
    expect(cpuMsOf(() => void templateFacts(text))).toBeLessThan(1000);
  }
});
