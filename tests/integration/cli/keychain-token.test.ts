import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CliHarness, createCliHarness } from '@fixtures/cli-harness';
import { modelRepo } from '@fixtures/download-harness';
import { type FakeHub, startFakeHub } from '@fixtures/fake-hub/hub';
import { afterEach, beforeEach, expect, it } from 'vitest';

// The window keeps the token in the keychain, which a command cannot read: it must say so where the token is wanted,
// not that there is none.
const SENTENCE =
  'The Hugging Face token is in the keychain, which only the desktop app can read. Open MLX Manager, set HF_TOKEN, or store the token for the command line with "mlx-manager hub token set".';

let hub: FakeHub;
let harness: CliHarness;
let keychain: string;

beforeEach(async () => {
  hub = await startFakeHub({
    repos: [
      await modelRepo('org/open', { weights: 100_000 }),
      await modelRepo('org/gated', { weights: 100_000, facts: { gated: 'auto' } }),
    ],
  });
  hub.approved.add('mara org/gated');
  harness = await createCliHarness({ HF_ENDPOINT: hub.url, HF_TOKEN: '' });
  const { home } = harness.home.paths;
  await mkdir(home, { recursive: true, mode: 0o700 });
  keychain = join(home, 'keychain.json');
  await writeFile(keychain, JSON.stringify({ 'huggingface-token': 'djEw' }));
});
afterEach(async () => {
  await harness.close();
  await hub.close();
});

it('is named, with what helps, wherever the hub asks for a token', async () => {
  expect(await harness.failure('pull', 'org/gated')).toMatchObject({
    code: 1,
    error: {
      code: 'gated',
      message: expect.stringContaining(SENTENCE),
      action: { id: 'set_token' },
    },
  });
  expect(await harness.failure('pull', 'org/private')).toMatchObject({
    code: 1,
    error: { code: 'not_found', message: expect.stringContaining(SENTENCE) },
  });
  expect(await harness.failure('hub', 'token', 'test')).toMatchObject({
    code: 1,
    error: { code: 'unauthorised', message: SENTENCE },
  });
});

it('is a warning of the doctor', async () => {
  const [report] = await harness.json('doctor');
  expect(report).toMatchObject({
    checks: expect.arrayContaining([
      { id: 'secrets', state: 'warning', message: SENTENCE, action: expect.anything() },
    ]),
  });
});

it('is no hindrance where none is asked for', async () => {
  expect((await harness.json('pull', 'org/open')).at(-1)).toMatchObject({ event: 'done' });
});

it('is not said to be forgotten when it is still there', async () => {
  const before = await readFile(keychain, 'utf8');
  expect(await harness.failure('hub', 'token', 'clear')).toMatchObject({
    code: 1,
    error: {
      code: 'permission',
      message:
        'The Hugging Face token is in the keychain, which only the desktop app can read. Open MLX Manager and clear it there.',
    },
  });
  expect(await readFile(keychain, 'utf8')).toBe(before);
});

it('is not asked for where the command line has one of its own, or the environment', async () => {
  const file = join(harness.home.paths.home, 'secrets.json');
  await writeFile(file, JSON.stringify({ 'huggingface-token': 'hf_good' }), { mode: 0o600 });
  expect(await harness.json('hub', 'token', 'test')).toEqual([{ user: 'mara' }]);
  expect((await harness.json('pull', 'org/gated')).at(-1)).toMatchObject({ event: 'done' });
});

it('is of no account where that document is damaged or has no token', async () => {
  for (const text of ['{', '{}', 'null', '{"other":"djEw"}']) {
    await writeFile(keychain, text);
    expect(await harness.failure('hub', 'token', 'test')).toMatchObject({
      error: { message: 'No token is set.' },
    });
  }
});
