import { describe, expect, it } from 'vitest';

import { LONG_TALK, READ_TOOL, TOOL_TEMPLATE, user } from '@fixtures/prompt-models';
import { ChatTemplate, type PromptInput, type TemplateFiles } from '@gateway/context/template';
import { timeInWords } from '@gateway/context/time-in-words';

const hi: PromptInput = { messages: [user('hi')], tools: [], templateArgs: {} };

const render = (files: Partial<TemplateFiles>, input: Partial<PromptInput> = {}): string =>
  new ChatTemplate({ config: {}, ...files }).render({ ...hi, ...input });

describe('which template counts', () => {
  it('the file of its own, then the config, then the one of a processor', () => {
    const config = { chat_template: 'config' };
    const legacy = { chat_template: 'legacy' };
    expect(render({ jinja: 'file', config, legacy })).toBe('file');
    expect(render({ config, legacy })).toBe('config');
    expect(render({ legacy })).toBe('legacy');
  });

  it('of several the one for tools where there are tools', () => {
    const config = {
      chat_template: [
        { name: 'default', template: 'plain' },
        { name: 'tool_use', template: 'with {{ tools | length }}' },
        { name: 'rag', template: 'other' },
        'no template',
      ],
    };
    expect(render({ config })).toBe('plain');
    expect(render({ config }, { tools: [READ_TOOL] })).toBe('with 1');
  });

  it('none is an error that says so', () => {
    expect(() => render({})).toThrow('the model has no chat template');
    expect(() => render({ config: { chat_template: 7 } })).toThrow(
      'the model has no chat template',
    );
  });
});

describe('what a template is given', () => {
  it('special tokens by name, as a text or with their properties', () => {
    const config = {
      bos_token: '<s>',
      eos_token: { content: '</s>', special: true },
      pad_token: 3,
    };
    expect(render({ config, jinja: '{{ bos_token }}{{ eos_token }}{{ pad_token }}' })).toBe(
      '<s></s>',
    );
  });

  it('no tools rather than an empty list, and the order to begin an answer', () => {
    const jinja = '{{ tools is none }} {{ documents is none }} {{ add_generation_prompt }}';
    expect(render({ jinja })).toBe('True True True');
  });

  it('arguments of its own, which do not replace the conversation', () => {
    const templateArgs = { enable_thinking: false, messages: [], __proto__: { x: 1 } };
    const jinja = '{{ enable_thinking }} {{ messages[0].content }}';
    expect(render({ jinja }, { templateArgs })).toBe('False hi');
  });

  it('JSON as transformers writes it: with spaces, in its own letters', () => {
    const jinja = '{{ tools[0].function.parameters | tojson }}';
    const tool = { name: 'a', parameters: { ü: [1, null, true], e: {}, q: '"<&\'' } };
    expect(render({ jinja }, { tools: [tool] })).toBe(
      `{"ü": [1, null, true], "e": {}, "q": "\\"<&'"}`,
    );
  });

  it('booleans in the letters of Python where they are written as they are, not in JSON', () => {
    const jinja =
      "{{ flag }} {{ flag | string }} {{ [flag] | tojson }} {{ 'a' if flag | string == 'False' }} {{ 'true' | string }} {{ 1 | string }} {{ not flag }}";
    expect(render({ jinja }, { templateArgs: { flag: false } })).toBe(
      'False False [false] a true 1 True',
    );
  });

  it('text parts as one text, arguments as what they mean, reasoning under both its names', () => {
    const jinja =
      '{% for m in messages %}[{{ m.role }}|{{ m.content }}|{{ m.reasoning_content }}{{ m.thinking }}|' +
      '{{ m.tool_call_id }}|{{ m.name }}|{% for c in m.tool_calls or [] %}{{ c.function.arguments.path }}{% endfor %}]{% endfor %}';
    const text = render({ jinja }, { messages: LONG_TALK });
    expect(text).toContain('[user|What is in notes.txt? |||');
    expect(text).toContain('[assistant||\nI should read it.\n\nI should read it.\n|||notes.txt]');
    expect(text).toContain('|call_1|read_file|]');
  });

  it('arguments that are no JSON as the text that they are', () => {
    const call = { id: '1', name: 'f', arguments: '{"path": ' };
    const messages = [{ role: 'assistant', parts: [], calls: [call] } as const];
    const jinja = '{{ messages[0].tool_calls[0].function.arguments }}';
    expect(render({ jinja }, { messages })).toBe('{"path": ');
  });

  it('and refuses in its own words', () => {
    const jinja = "{{ raise_exception('Roles must alternate') }}";
    expect(() => render({ jinja })).toThrow('Roles must alternate');
  });

  it('a whole conversation, as Python renders it', () => {
    const text = render({ jinja: TOOL_TEMPLATE }, { messages: LONG_TALK, tools: [READ_TOOL] });
    expect(text).toBe(
      '<|im_start|>system\nYou help.\n  Always in English.  \n\n# Tools\n\n' +
        '{"type": "function", "function": {"name": "read_file", "description": "Reads a file; \\"path\\" is from the root, ü and 漢字 are fine.", ' +
        '"parameters": {"type": "object", "properties": {"path": {"type": "string", "description": "The path"}, ' +
        '"lines": {"type": "array", "items": {"type": "integer"}, "default": []}}, "required": ["path"], "additionalProperties": false}, "strict": false}}' +
        '<|im_end|>\n<|im_start|>user\nWhat is in notes.txt? <|im_end|>\n' +
        '<|im_start|>assistant\n<think>\nI should read it.\n</think>\n\n\n' +
        '<tool_call>\n{"name": "read_file", "arguments": {"path": "notes.txt", "lines": [1, 2.5, null]}}\n</tool_call><|im_end|>\n' +
        '<|im_start|>user\n<tool_response>\nZeile 1: Grüße 👋🏽\n第二行：漢字\r\n\tعربى e\u0301 <|im_end|>\n</tool_response><|im_end|>\n' +
        '<|im_start|>assistant\nTwo lines.\n\nAnything else?<|im_end|>\n' +
        '<|im_start|>user\nNo. Merci \u{1F469}\u200D\u{1F680}!<|im_end|>\n<|im_start|>assistant\n',
    );
  });
});

describe('a template that makes too much', () => {
  const doubled = (what: string) =>
    `{% set n = namespace(x=${what}) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}`;

  it.each([
    ['a range', '{% for i in range(100001) %}{% endfor %}', 'a range has more than 100000 numbers'],
    ['an endless range', '{{ range(1, 9, 0) }}', 'a range has more'],
    ['a text that doubles', doubled("'ab'"), 'its output is too long'],
    ['a list that doubles', doubled('[1, 2]'), 'its output is too long'],
    [
      'large texts, many of them',
      "{% set n = namespace(x='ab', l=[]) %}{% for i in range(21) %}{% set n.x = n.x + n.x %}{% endfor %}" +
        '{% for i in range(9999) %}{% set n.l = n.l + [n.x + n.x] %}{% endfor %}',
      'its output is too long',
    ],
  ])('is ended: %s', (_, jinja, words) => {
    expect(() => render({ jinja })).toThrow(words);
  });

  it('is not one that makes much of a long conversation', () => {
    const messages = Array.from({ length: 400 }, (_, n) => user(`${n} ${'word '.repeat(300)}`));
    const jinja =
      "{% set n = namespace(x='') %}{% for m in messages %}{% set n.x = n.x + m.content %}{% endfor %}{{ n.x }}";
    expect(render({ jinja }, { messages }).length).toBeGreaterThan(600_000);
  });
});

describe('the time in a prompt', () => {
  it('is in English, as an engine writes it', () => {
    const time = new Date(2026, 1, 3, 14, 5, 9);
    expect(timeInWords(time, '%d %b %Y')).toBe('03 Feb 2026');
    expect(timeInWords(time, '%A, %B %-d %y, %I:%M:%S %p %H %j %a %e %m %% %Q')).toBe(
      'Tuesday, February 3 26, 02:05:09 PM 14 034 Tue  3 02 % %Q',
    );
  });
});
