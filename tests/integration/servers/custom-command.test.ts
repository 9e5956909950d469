import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { processViews } from '@fixtures/process-views';
import { afterEach, describe, expect, test } from 'vitest';

const { views, missing } = await processViews();

let h: CoreHarness;
afterEach(() => h.close());

/** A program that is no engine of ours: it answers 200 at /up after `readyMs`, and speaks no chat. */
async function plainProgram(readyMs: number): Promise<string> {
  const file = join(h.home.folder, 'my server.mjs');
  const lines = [
    '#!/usr/bin/env node',
    "import http from 'node:http';",
    'const began = Date.now();',
    'http.createServer((request, response) => {',
    `  const up = request.url === '/up' && Date.now() - began > ${readyMs};`,
    '  response.statusCode = up ? 200 : 503;',
    "  response.end('{}');",
    "}).listen(Number(process.argv[2]), '127.0.0.1');",
  ];
  await writeFile(file, lines.join('\n'));
  await chmod(file, 0o755);
  return file;
}

for (const name of missing) test.skip(`seen by ${name}`, () => undefined);

describe.each(views)('seen by $name', ({ processes }) => {
  test('a program that speaks chat: its placeholders are filled, a token is proven, stop leaves nothing', async () => {
    h = await createCoreHarness({ processes });
    const profile = await h.createProfile({
      engine: 'custom',
      custom: { command: FAKE_ENGINE },
      extraArgs: ['--port={port}', '--host', '{host}', '--model', '{model}'],
    });
    await h.client.call('servers.start', { profileId: profile.id });
    const ready = await h.waitFor(profile.id, 'ready');
    expect(ready).toMatchObject({ engine: 'custom', installation: null, restartNeeded: false });
    const answer = await h.client.call('servers.test', { profileId: profile.id });
    expect(answer.text).not.toBe('');
    const { argv } = await h.client.call('profiles.command', { profileId: profile.id });
    expect(argv.slice(0, 2)).toEqual([FAKE_ENGINE, `--port=${profile.port}`]);
    expect(argv.at(-1)).toBe(join(h.home.paths.models, 'demo'));
    await h.client.call('servers.stop', { profileId: profile.id });
    await expect(fetch(`http://127.0.0.1:${profile.port}/health`)).rejects.toThrow();
  });

  test('without chat and without a model its readiness path alone is the proof', async () => {
    h = await createCoreHarness({ processes });
    const profile = await h.createProfile({
      engine: 'custom',
      model: 'none',
      custom: { command: await plainProgram(400), readinessPath: '/up', chat: false },
      extraArgs: ['{port}'],
    });
    const began = Date.now();
    await h.client.call('servers.start', { profileId: profile.id });
    await h.waitFor(profile.id, 'ready');
    expect(Date.now() - began).toBeGreaterThan(400);
  });
});

test('a program that is gone is said before anything starts', async () => {
  h = await createCoreHarness();
  const profile = await h.createProfile({
    engine: 'custom',
    model: 'none',
    custom: { command: join(h.home.folder, 'nowhere') },
    extraArgs: ['{port}'],
  });
  await h.client.call('servers.start', { profileId: profile.id });
  const failed = await h.waitFor(profile.id, 'failed');
  expect(failed.failure).toMatchObject({ code: 'engine_missing' });
  expect(failed.failure?.message).toContain('nowhere');
});

test.each([
  [{ engine: 'custom' }, 'custom.command'],
  [{ engine: 'custom', custom: { command: '/bin/true' }, extraArgs: ['--x'] }, 'extraArgs'],
  [{ custom: { command: '/bin/true' } }, 'custom'],
  [{ model: 'none' }, 'model'],
  [
    {
      engine: 'custom',
      custom: { command: '/bin/true' },
      extraArgs: ['{port}'],
      options: { x: 1 },
    },
    'options.x',
  ],
] as const)('%j is refused at %s', async (fields, field) => {
  h = await createCoreHarness();
  const refused = await h.createProfile(fields as object).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'validation', data: { fields: [{ field }] } });
});

test('another engine takes over what it understands and says the rest', async () => {
  h = await createCoreHarness();
  const carried = await h.client.call('engines.carryOver', {
    engine: 'vllm-mlx',
    options: { temperature: 0.5, 'max-tokens': 100, adapter: '/a', 'num-draft-tokens': 3 },
  });
  expect(carried.options).toEqual({ temperature: 0.5, 'max-tokens': 100 });
  expect(carried.lost.map(({ key }) => key)).toEqual(['adapter', 'num-draft-tokens']);
  expect(carried.lost[0]?.reason).toContain('LoRA adapter');
});
