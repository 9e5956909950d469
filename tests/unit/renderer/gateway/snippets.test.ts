import { spawnSync } from 'node:child_process';

import {
  KEY_PLACEHOLDER,
  SNIPPET_KINDS,
  snippetOf,
} from '@renderer/features/gateway/overview/snippets';
import { expect, it } from 'vitest';

const URL = 'http://127.0.0.1:6590';
const ODD = `it's "odd" $HOME \\ 模型`;

it.each(SNIPPET_KINDS)(
  '$label has the address, the name, and a key where one is needed',
  (kind) => {
    const facts = { url: URL, model: 'qwen3-8b', needsKey: false };
    const text = snippetOf(kind.value, facts);
    expect(text).toContain(URL);
    expect(text).toContain('qwen3-8b');
    expect(text).not.toContain(KEY_PLACEHOLDER);
    expect(snippetOf(kind.value, { ...facts, needsKey: true })).toContain(KEY_PLACEHOLDER);
  },
);

it.each(['curl', 'curl-anthropic'] as const)('%s gives a name of any characters whole', (kind) => {
  const text = snippetOf(kind, { url: URL, model: ODD, needsKey: true });
  const script = `curl() { for word; do printf '%s\\0' "$word"; done; }\n${text}`;
  const { stdout } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  const words = stdout.split('\0').slice(0, -1);
  expect(words[0]?.startsWith(`${URL}/v1/`)).toBe(true);
  expect(words.filter((word) => word === '-H').length).toBeGreaterThan(1);
  expect(JSON.parse(words.at(-1) ?? '')).toMatchObject({ model: ODD });
});
