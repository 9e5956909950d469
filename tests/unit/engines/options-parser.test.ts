import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { EngineAdapter } from '@core/engines/adapters/adapter';
import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { mlxOpenaiServer } from '@core/engines/adapters/mlx-openai-server';
import { mlxVlm } from '@core/engines/adapters/mlx-vlm';
import { checkExtraArgs, checkOptions } from '@core/engines/options/option-checks';
import { normaliseOptionKey } from '@core/engines/adapters/option-key';
import { parseOptions } from '@core/engines/options/options-parser';
import { vllmMlx } from '@core/engines/adapters/vllm-mlx';

/** Printed by mlx-lm 0.32.2 on Python 3.11, with COLUMNS=10000 and 80. */
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const HELP = read('mlx-lm-0.32.2-help.txt');
const WRAPPED = read('mlx-lm-0.32.2-help-80.txt');

const known = parseOptions(HELP, mlxLm);
const option = (key: string) => known.find((candidate) => candidate.key === key);
const check = (options: Record<string, string | number | boolean>, local = true): string[] =>
  checkOptions(options, known, mlxLm, { local }).map((problem) => problem.message);

test('every flag of the real help is found once, common ones first', () => {
  const flags = [...HELP.matchAll(/^ {2}(?:-h, )?(--[\w-]+)/gm)].map((match) => match[1]);
  expect(known.map(({ flag }) => flag).sort()).toEqual(flags.filter((f) => f !== '--help').sort());
  expect(known.length).toBe(26);
  expect(known[0]).toEqual({
    key: 'max-tokens',
    flag: '--max-tokens',
    type: 'integer',
    default: 512,
    help: 'The most tokens in one answer, unless an app asks for a different number.',
    group: 'common',
    label: 'Max tokens',
    unit: 'tokens',
    localOnly: false,
    reserved: false,
  });
});

test.each([
  [mlxVlm, 'mlx-vlm-0.7.10', 40],
  [vllmMlx, 'vllm-mlx-0.6.0', 77],
  [mlxOpenaiServer, 'mlx-openai-server-1.8.1', 46],
])('every option of $id is read from its own kind of help', (adapter, version, count) => {
  const found = parseOptions(read(`../../fixtures/help/${version}.txt`), adapter);
  expect(found).toHaveLength(count);
  expect(new Set(found.map(({ flag }) => flag)).size).toBe(count);
  expect(found.filter(({ label, flag }) => label === '' || !flag.startsWith('--'))).toEqual([]);
});

test('kinds, defaults and choices', () => {
  expect(option('log-level')).toMatchObject({
    type: 'choice',
    choices: ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
    default: 'INFO',
    group: 'advanced',
  });
  expect(option('temperature')).toMatchObject({ type: 'number', default: 0 });
  expect(option('top-k')).toMatchObject({ type: 'integer', default: 0 });
  expect(option('pipeline')).toMatchObject({ type: 'flag', default: false });
  expect(option('trust-remote-code')).toMatchObject({ type: 'flag', localOnly: true });
  expect(option('adapter')).toMatchObject({ type: 'path', localOnly: true });
  expect(option('chat-template-args')?.type).toBe('json');
  expect(option('kv-bits')).not.toHaveProperty('default');
  expect(option('prompt-cache-memory')).toMatchObject({ type: 'text', default: '2GB' });
  expect(option('host')?.reserved).toBe(true);
});

test('the same comes out of a narrow terminal and of coloured help', () => {
  const facts = (help: string) => parseOptions(help, mlxLm).map(({ help: _, ...rest }) => rest);
  expect(facts(WRAPPED)).toEqual(facts(HELP));
  const coloured = HELP.replace(/--[\w-]+/g, (flag) => `\u001b[1;36m${flag}\u001b[0m`);
  expect(parseOptions(coloured, mlxLm)).toEqual(known);
});

test('kinds are inferred where an engine gives no hints', () => {
  const plain: EngineAdapter = { ...mlxLm, optionHints: {}, common: {} };
  const help = [
    'usage: x [-h]',
    '',
    'options:',
    '  -m N, --max-items N   How many (default: 3)',
    '  --ratio RATIO         Share (default: 0.5)',
    '  --cache-dir CACHE_DIR',
    '                        Where to keep things',
    '  --color, --no-color   Colours',
    '  --mode {fast,exact}   How',
    '  --words WORD [WORD ...]',
    '                        Several',
  ].join('\n');
  const kinds = parseOptions(help, plain).map(({ key, type }) => [key, type]);
  expect(Object.fromEntries(kinds)).toEqual({
    'max-items': 'integer',
    ratio: 'number',
    'cache-dir': 'path',
    color: 'flag',
    mode: 'choice',
    words: 'list',
  });
});

test('a good set of options passes, as numbers or as text', () => {
  expect(
    check({
      'max-tokens': 100,
      temperature: '0.7',
      'trust-remote-code': true,
      'log-level': 'DEBUG',
    }),
  ).toEqual([]);
  expect(check({ 'prompt-cache-memory': '500MB', 'chat-template-args': '{"a":1}' })).toEqual([]);
});

test('a wrong option is named with what is allowed', () => {
  expect(check({ 'max-token': 1 })).toEqual([
    'The installed mlx-lm has no option max-token. Did you mean max-tokens?',
  ]);
  expect(check({ zzz: 1 })).toEqual(['The installed mlx-lm has no option zzz.']);
  expect(check({ 'max-tokens': 'many' })).toEqual([
    'max-tokens must be a whole number of at least 1.',
  ]);
  expect(check({ 'max-tokens': 1.5 })).toHaveLength(1);
  expect(check({ 'top-p': 2 })).toEqual(['top-p must be a number from 0 to 1.']);
  expect(check({ 'log-level': 'LOUD' })[0]).toContain('DEBUG, INFO, WARNING');
  expect(check({ 'chat-template-args': '{' })[0]).toContain('valid JSON');
  expect(check({ 'prompt-cache-memory': 'lots' })[0]).toContain('2GB');
  expect(check({ pipeline: 'perhaps' })).toEqual(['pipeline must be true or false.']);
  expect(check({ 'max-tokens': true })).toHaveLength(1);
  expect(check({ port: 1 })[0]).toContain('set by MLX Manager');
  expect(check({ 'chat-template': 'a\0b' })[0]).toContain('NUL');
});

test('what reaches the machine needs local scope, and fields are named', () => {
  expect(check({ adapter: '/x' }, false)[0]).toContain('command line');
  expect(check({ adapter: '/x' })).toEqual([]);
  const problems = checkOptions({ 'trust-remote-code': true }, undefined, mlxLm, { local: false });
  expect(problems.map(({ field }) => field)).toEqual(['options.trust-remote-code']);
  expect(checkOptions({ anything: 1 }, undefined, mlxLm, { local: true })).toEqual([]);
});

test('extra arguments: only what the manager sets is refused, also abbreviated', () => {
  const fields = (...args: string[]) => checkExtraArgs(args, mlxLm).map(({ field }) => field);
  expect(fields('--host', '0.0.0.0')).toEqual(['extraArgs.0']);
  expect(fields('--temp', '1', '--port=1')).toEqual(['extraArgs.2']);
  expect(fields('--allowed_origins', '*')).toEqual(['extraArgs.0']);
  expect(fields('--hos', 'x', '--mod', 'y')).toEqual(['extraArgs.0', 'extraArgs.2']);
  expect(fields('--nope', '--', '-x', '--temp', '--portal', 'host')).toEqual([]);
});

test('one spelling of a key', () => {
  expect(normaliseOptionKey('--Max_Tokens ')).toBe('max-tokens');
});
