import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAdapter } from '@core/engines/adapters';
import { parseOptions } from '@core/engines/options/options-parser';
import { detectParsers, PARSER_FAMILIES, type ParserFacts } from '@core/parsers/detect-parsers';
import { engineParser } from '@core/parsers/engine-parsers';
import { readParserFacts } from '@core/parsers/read-parser-facts';
import { suggestParsers } from '@core/parsers/suggest-parsers';
import { cpuMsOf } from '@fixtures/cpu-time';
import { afterEach, describe, expect, test } from 'vitest';

const facts = (changes: Partial<ParserFacts>): ParserFacts => ({
  chatTemplate: undefined,
  modelType: undefined,
  name: 'some-model',
  ...changes,
});

/** Written for these tests in the manner of each family. */
const TEMPLATES = {
  'qwen3-coder': '{% if tools %}<tool_call>\n<function=name>\n<parameter=a>{% endif %}',
  hermes: '{% for tool in tools %}{% endfor %}<tool_call>{"name": tool_call.name}</tool_call>',
  harmony: '<|start|>assistant<|channel|>analysis<|message|>',
  mistral: '[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]',
  'kimi-k2': '<|tool_calls_section_begin|><|tool_call_begin|>',
  glm4: '<tool_call>{name}\n<arg_key>a</arg_key><arg_value>1</arg_value></tool_call>',
  'minimax-m2': '<minimax:tool_call><invoke name="x">',
  gemma4: '<|tool_call>call:x{}<tool_call|>',
  deepseek: '<｜tool▁calls▁begin｜>',
  llama3: '<|start_header_id|><|python_tag|>{{ tools }}',
} as const;

test.each(Object.entries(TEMPLATES))(
  'a template of %s is told by its marks',
  (family, chatTemplate) => {
    const { toolCalls } = detectParsers(facts({ chatTemplate }));
    expect(toolCalls?.family).toBe(family);
    expect(toolCalls?.evidence).toMatch(/^The chat template writes /);
  },
);

describe('which evidence counts', () => {
  test('the template beats the type, the type beats the name', () => {
    const all = { modelType: 'mistral', name: 'org/Qwen3-Coder-30B' };
    expect(detectParsers(facts({ ...all, chatTemplate: TEMPLATES.hermes })).toolCalls?.family).toBe(
      'hermes',
    );
    expect(detectParsers(facts(all)).toolCalls).toEqual({
      family: 'mistral',
      evidence: "The model's type is mistral",
    });
    expect(detectParsers(facts({ name: all.name })).toolCalls).toEqual({
      family: 'qwen3-coder',
      evidence: "The model's name is org/Qwen3-Coder-30B",
    });
  });

  test('a template without tools says that there are none, whatever the name', () => {
    const plain = facts({ chatTemplate: '{{ messages }}', modelType: 'qwen3', name: 'Hermes' });
    expect(detectParsers(plain)).toEqual({ toolCalls: undefined, reasoning: undefined });
  });

  test('think tags are reasoning; families with a parser of their own come first', () => {
    const chatTemplate = `${TEMPLATES.hermes}<think>`;
    expect(detectParsers(facts({ chatTemplate })).reasoning?.family).toBe('qwen3');
    const glm = detectParsers(facts({ chatTemplate: `${TEMPLATES.glm4}<think>` }));
    expect(glm.reasoning?.family).toBe('glm4');
  });

  test('nothing known, nothing said', () => {
    expect(detectParsers(facts({}))).toEqual({ toolCalls: undefined, reasoning: undefined });
  });
});

test('hostile facts cost no time and do no harm', () => {
  const chatTemplate = `${'<tool_cal'.repeat(500_000)}<tool_call><function=`;
  const hostile = facts({ chatTemplate, name: 'qwen'.repeat(100_000), modelType: '(' });
  expect(cpuMsOf(() => detectParsers(hostile))).toBeLessThan(1000);
  expect(detectParsers(hostile).toolCalls).toBeUndefined();
});

describe.each(['vllm-mlx-0.6.0', 'mlx-openai-server-1.8.1'])('%s', (version) => {
  const engine = version.replace(/-[\d.]+$/, '');
  const help = readFileSync(`tests/fixtures/help/${version}.txt`, 'utf8');
  const options = parseOptions(help, engineAdapter(engine));
  test.each([
    ['tool-call-parser', 'toolCalls'],
    ['reasoning-parser', 'reasoning'],
  ] as const)('every name for %s is one of its choices', (key, what) => {
    const { choices = [] } = options.find((option) => option.key === key) ?? {};
    const names = PARSER_FAMILIES.map((family) => engineParser(engine, what, family));
    const known = names.filter((name) => name !== undefined);
    expect(known.length).toBeGreaterThan(5);
    expect(known.filter((name) => !choices.includes(name))).toEqual([]);
  });
});

test('an engine that chooses by itself is told so; one without the parser gets no value', () => {
  const kimi = facts({ chatTemplate: TEMPLATES.mistral });
  expect(suggestParsers('mlx-lm', kimi)).toMatchObject([{ byItself: true, family: 'mistral' }]);
  expect(suggestParsers('mlx-openai-server', kimi)[0]).not.toHaveProperty('value');
  expect(suggestParsers('vllm-mlx', kimi)[0]).toMatchObject({
    option: 'tool-call-parser',
    value: 'mistral',
    byItself: false,
  });
});

describe('reading a folder', () => {
  let folder = '';
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('a template beside the tokenizer counts before the one in it; a list has the one for tools', async () => {
    folder = await mkdtemp(join(tmpdir(), 'mm-parsers-'));
    await writeFile(join(folder, 'config.json'), '{"model_type":"qwen3"}');
    const named = [
      { name: 'default', template: 'plain' },
      { name: 'tool_use', template: 'with tools' },
    ];
    await writeFile(
      join(folder, 'tokenizer_config.json'),
      JSON.stringify({ chat_template: named }),
    );
    expect(await readParserFacts(folder, 'x')).toEqual({
      chatTemplate: 'with tools',
      modelType: 'qwen3',
      name: 'x',
    });
    await writeFile(join(folder, 'chat_template.jinja'), 'beside');
    expect((await readParserFacts(folder, 'x')).chatTemplate).toBe('beside');
  });

  test('damaged, huge and missing files are not known', async () => {
    folder = await mkdtemp(join(tmpdir(), 'mm-parsers-'));
    await writeFile(join(folder, 'config.json'), '{"model_type":5}');
    await writeFile(join(folder, 'tokenizer_config.json'), '{"chat_template":');
    await writeFile(join(folder, 'chat_template.jinja'), '');
    await truncate(join(folder, 'chat_template.jinja'), 50_000_000);
    expect(await readParserFacts(folder, 'x')).toEqual({
      chatTemplate: undefined,
      modelType: undefined,
      name: 'x',
    });
  });
});
