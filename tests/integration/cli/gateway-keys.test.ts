import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';

let harness: CliHarness;
beforeAll(async () => {
  harness = await createCliHarness();
  await harness.createProfile('Qwen');
  await harness.createProfile('Gemma 4');
});
afterAll(() => harness.close());

/** Every text below the data folder, logs included. */
async function texts(): Promise<string> {
  const { home } = harness.home.paths;
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((one) => one.isFile() && /\.(?:json|log|jsonl)$/.test(one.name));
  const all = files.map((one) => readFile(join(one.parentPath, one.name), 'utf8'));
  return (await Promise.all(all)).join('\n');
}

function keyIn(value: unknown): { id: string; key: string } {
  const { id, key } = value as { id: string; key: string };
  expect(key).toMatch(/^mlxm_[A-Za-z0-9_-]{43}$/);
  return { id, key };
}

describe.each(['where no manager runs', 'with a manager'])('%s', (where) => {
  beforeAll(async () => {
    if (where === 'with a manager') await harness.serve();
  });

  it('a key is made, listed and revoked, and shown only once', async () => {
    const [made] = await harness.json(
      ...['gateway', 'key', 'add', 'Laptop', '--profile', 'qwen', '--profile', 'Gemma 4'],
      ...['--expires', '30', '--quota', '1000000'],
    );
    const { id, key } = keyIn(made);
    const about = {
      id,
      name: 'Laptop',
      profiles: ['Qwen', 'Gemma 4'],
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
      tokenQuota: 1_000_000,
      tokensUsed: 0,
    };
    expect(made).toEqual({ ...about, key });
    expect(await harness.json('gateway', 'key', 'list')).toEqual([[about]]);
    const list = await harness.run('gateway', 'key', 'list');
    expect(list.stdout).toMatch(/Laptop +Qwen, Gemma 4 +\d{4}-\d\d-\d\d +0 of 1\.0 M +never/);
    expect(await texts()).not.toContain(key);
    expect(await harness.json('gateway', 'key', 'revoke', id)).toEqual([{ revoked: id }]);
    expect(await harness.json('gateway', 'key', 'list')).toEqual([[]]);
  });

  it('for a person the key alone is on standard output, for a pipe', async () => {
    const { code, stdout, stderr } = await harness.run('gateway', 'key', 'add', 'Script');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mlxm_[A-Za-z0-9_-]{43}\n$/);
    expect(stderr).toBe('The key for Script is shown only this once. Copy it now.\n');
    const [list] = await harness.json('gateway', 'key', 'list');
    expect(list).toMatchObject([{ name: 'Script', profiles: null, tokensUsed: 0 }]);
    const revoked = await harness.run('gateway', 'key', 'revoke', 'script');
    expect(revoked.stdout).toBe('Revoked Script.\n');
  });

  it('two keys have two names', async () => {
    const [made] = await harness.json('gateway', 'key', 'add', 'Twin');
    const { error } = await harness.failure('gateway', 'key', 'add', 'twin');
    expect(error).toMatchObject({ code: 'conflict' });
    await harness.json('gateway', 'key', 'revoke', keyIn(made).id);
  });
});

it.each([
  [['add'], 2, 'usage', /name/],
  [['add', 'X', '--expires', '0'], 2, 'usage', /from 1 to 3650/],
  [['add', 'X', '--expires', 'soon'], 2, 'usage', /--expires/],
  [['add', 'X', '--quota', '-5'], 2, 'usage', /--quota/],
  [['add', ''], 1, 'validation', /name must have 1 to 80 characters/],
  [['add', 'X', '--profile', 'nobody'], 1, 'not_found', /no profile "nobody"/],
  [['revoke', 'nobody'], 1, 'not_found', /no gateway key "nobody"/],
] as const)('%j is refused', async (words, exit, code, says) => {
  const { code: left, error } = await harness.failure('gateway', 'key', ...words);
  expect([left, error]).toMatchObject([exit, { code, message: expect.stringMatching(says) }]);
  expect(await harness.json('gateway', 'key', 'list')).toEqual([[]]);
});
