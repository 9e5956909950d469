import { describe, expect, it } from 'vitest';

import { modelRef, parseEnv, parseSet, typedValue } from '@cli/commands/profile-options';
import type { EngineOption } from '@shared/domain/engine';

const option = (key: string, type: EngineOption['type']): EngineOption => ({
  key,
  type,
  flag: `--${key}`,
  help: '',
  group: 'common',
  label: key,
  localOnly: false,
  reserved: false,
});
const OPTIONS = [
  option('max-tokens', 'integer'),
  option('temp', 'number'),
  option('trust-remote-code', 'flag'),
  option('chat-template', 'text'),
  option('adapter-path', 'path'),
];

describe('--set', () => {
  it.each([
    ['max-tokens=128', 'max-tokens', 128],
    ['--max_tokens=128', 'max-tokens', 128],
    ['max-tokens=many', 'max-tokens', 'many'],
    ['temp=0.5', 'temp', 0.5],
    ['trust-remote-code', 'trust-remote-code', true],
    ['trust-remote-code=no', 'trust-remote-code', false],
    ['chat-template=5', 'chat-template', '5'],
    ['chat-template=a=b', 'chat-template', 'a=b'],
    ['chat-template=', 'chat-template', ''],
    ['adapter-path=./a', 'adapter-path', '/home/me/a'],
    ['adapter-path=org/name', 'adapter-path', 'org/name'],
    ['unknown=7', 'unknown', 7],
    ['unknown=true', 'unknown', true],
    ['unknown=text', 'unknown', 'text'],
  ])('%s', (text, key, value) => {
    const assignment = parseSet(text);
    expect(assignment.key).toBe(key);
    expect(typedValue(assignment, OPTIONS, '/home/me')).toBe(value);
  });

  it.each(['', '=5', '--=5'])('"%s" is wrong usage', (text) => {
    expect(() => parseSet(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

it('--env keeps the name and everything after the first equals sign', () => {
  expect(parseEnv('HF_HOME=/a=b')).toEqual(['HF_HOME', '/a=b']);
  expect(parseEnv('EMPTY=')).toEqual(['EMPTY', '']);
  for (const text of ['NAME', '=value']) {
    expect(() => parseEnv(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  }
});

it.each([
  ['demo', 'demo'],
  ['org/name', 'org/name'],
  ['.hidden/name', '.hidden/name'],
  ['./model', '/home/me/model'],
  ['../model', '/home/model'],
  ['.', '/home/me'],
  ['/models/x/', '/models/x'],
])('the model %s is %s', (text, ref) => {
  expect(modelRef(text, '/home/me')).toBe(ref);
});
