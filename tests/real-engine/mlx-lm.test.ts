import { once } from 'node:events';
import { cp, mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import type { ServerProfile } from '@shared/domain/profile';
import { findListeners, readProcess, readTable } from '@fixtures/see-processes';

/** The real mlx_lm.server from the package index, in one managed installation for the whole file. */
let h: CoreHarness;
const made: ServerProfile[] = [];

beforeAll(async () => {
  h = await createCoreHarness();
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
}, 600_000);

afterEach(async () => {
  for (const profile of made.splice(0)) {
    await h.client.call('profiles.delete', { profileId: profile.id, stop: true });
  }
});

afterAll(async () => {
  await h.close();
});

async function profileOf(fields: Parameters<CoreHarness['createProfile']>[0] = {}) {
  const profile = await h.createProfile({ name: `Profile ${made.length + 1}`, ...fields });
  made.push(profile);
  return profile;
}

const start = (profile: ServerProfile) => h.client.call('servers.start', { profileId: profile.id });

/** A copy of the built-in model in a folder with a space, to be broken. */
async function copyOfModel(name: string): Promise<string> {
  const source = await h.client.call('models.show', { ref: 'demo' });
  const folder = join(h.home.folder, 'broken models', name);
  await mkdir(folder, { recursive: true });
  await cp(source.path, folder, { recursive: true });
  return folder;
}

async function chat(port: number, stream: boolean): Promise<{ status: number; body: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 20,
      stream,
    }),
  });
  return { status: response.status, body: await response.text() };
}

describe('the main job', () => {
  test('start, a plain and a streamed chat, logs, test request, metrics, stop without a trace', async () => {
    const profile = await profileOf();
    await start(profile);
    const ready = await h.waitFor(profile.id, 'ready', 60_000);
    expect(ready.restarts).toBe(0);
    expect(await findListeners(profile.port)).toEqual([ready.pid]);

    const plain = await chat(profile.port, false);
    expect(plain.status).toBe(200);
    expect(plain.body).toContain('I am the built-in test model of MLX Manager');
    const streamed = await chat(profile.port, true);
    expect(streamed.body.split('data:').length).toBeGreaterThan(10);
    expect(streamed.body).toContain('[DONE]');
    const answer = await h.client.call('servers.test', { profileId: profile.id });
    expect(answer.text).toContain('built-in test model');

    const page = await h.client.call('logs.read', { profileId: profile.id });
    expect(page.lines.some((line) => line.text.includes('POST /v1/chat/completions'))).toBe(true);
    expect(page.lines.some((line) => line.source === 'manager')).toBe(true);

    await expect
      .poll(async () => (await h.client.call('servers.list'))[0]?.memoryBytes)
      .toBeGreaterThan(50_000_000);
    const stopped = await h.client.call('servers.stop', { profileId: profile.id });
    expect(stopped.state).toBe('stopped');
    expect(await findListeners(profile.port)).toEqual([]);
    expect(await readProcess(ready.pid ?? 0)).toBeUndefined();
  });

  test('what it takes while it answers is learned, and counts from then on', async () => {
    const profile = await profileOf();
    const sumNow = async () =>
      (await h.client.call('profiles.fit', { profileId: profile.id }))?.fit;
    const estimated = await sumNow();
    expect(estimated).toMatchObject({ verdict: 'fits', total: expect.any(Number) });
    expect(estimated?.learnedPeak).toBeUndefined();
    await h.client.call('settings.set', { key: 'sampleSeconds', value: 1 });
    await start(profile);
    await h.waitFor(profile.id, 'ready', 60_000);
    const deadline = Date.now() + 40_000;
    while ((await sumNow())?.learnedPeak === undefined && Date.now() < deadline) {
      await chat(profile.port, true);
    }
    const learned = await sumNow();
    expect(learned?.learnedPeak).toBeGreaterThan(50_000_000);
    expect(learned?.total).toBe(learned?.learnedPeak);
    await h.client.call('servers.stop', { profileId: profile.id });
    await expect
      .poll(async () => (await h.client.call('servers.list'))[0]?.needsBytes)
      .toBe((await sumNow())?.total);
    await h.client.call('settings.reset', { key: 'sampleSeconds' });
  });

  test('options of the profile reach the engine', async () => {
    const profile = await profileOf({ options: { 'max-tokens': 3 } });
    await start(profile);
    await h.waitFor(profile.id, 'ready', 60_000);
    const response = await fetch(`http://127.0.0.1:${profile.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] }),
    });
    const body = (await response.json()) as { usage: { completion_tokens: number } };
    expect(body.usage.completion_tokens).toBe(3);
  });

  test('no web page may call the engine', async () => {
    const profile = await profileOf();
    await start(profile);
    await h.waitFor(profile.id, 'ready', 60_000);
    const response = await fetch(`http://127.0.0.1:${profile.port}/v1/models`, {
      headers: { origin: 'https://evil.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).not.toBe('*');
    expect(response.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  });

  test('two starts at once are one server, and a stop during the load leaves nothing', async () => {
    const profile = await profileOf();
    await Promise.all([start(profile), start(profile), start(profile)]);
    const { pid } = await h.waitFor(profile.id, ['starting', 'loading'], 60_000);
    const stopped = await h.client.call('servers.stop', { profileId: profile.id });
    expect(stopped.state).toBe('stopped');
    expect(await readProcess(pid ?? 0)).toBeUndefined();
    expect((await h.client.call('logs.runs', { profileId: profile.id })).length).toBe(1);
  });
});

describe('failures', () => {
  const failed = (profile: ServerProfile) => h.waitFor(profile.id, 'failed', 60_000);

  test('a port that another program holds is named, and never moved', async () => {
    const profile = await profileOf();
    const stranger = http.createServer((_, response) => response.end('{}'));
    stranger.listen(profile.port, '127.0.0.1');
    await once(stranger, 'listening');
    try {
      await start(profile);
      const server = await failed(profile);
      expect(server.failure?.code).toBe('port_in_use');
      expect(server.failure?.message).toContain(`pid ${process.pid}`);
      expect(server.failure?.action?.id).toBe('next_port');
      expect(server.port).toBe(profile.port);
      expect(await findListeners(profile.port)).toEqual([process.pid]);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });

  test('a model folder that is gone is model_missing', async () => {
    const folder = await copyOfModel('missing');
    const profile = await profileOf({ model: folder });
    await rename(folder, `${folder} moved`);
    await start(profile);
    const server = await failed(profile);
    expect(server.failure?.code).toBe('model_missing');
    expect(server.failure?.message).toContain(folder);
    expect(server.failure?.action).toBeDefined();
  });

  test('truncated weights are model_incomplete and name the file', async () => {
    const folder = await copyOfModel('truncated');
    await truncate(join(folder, 'model.safetensors'), 100_000);
    const profile = await profileOf({ model: folder });
    await start(profile);
    const server = await failed(profile);
    expect(server.failure?.code).toBe('model_incomplete');
    expect(server.failure?.message).toContain('model.safetensors');
  });

  test('weights of the wrong shape, which only the engine can see, are model_incomplete', async () => {
    const folder = await copyOfModel('shapes');
    const file = join(folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...config, intermediate_size: 4096 }));
    const profile = await profileOf({ model: folder });
    await start(profile);
    const server = await failed(profile);
    expect(server.failure?.code).toBe('model_incomplete');
  });

  test('an unknown architecture is named', async () => {
    const folder = await copyOfModel('architecture');
    const file = join(folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...config, model_type: 'nonsense' }));
    const profile = await profileOf({ model: folder });
    await start(profile);
    const server = await failed(profile);
    expect(server.failure?.code).toBe('unsupported_architecture');
    expect(server.failure?.message).toContain('nonsense');
    expect(server.failure?.evidence.some((item) => item.text.includes('not supported'))).toBe(true);
  });

  test('an unknown option in the extra arguments is bad_option', async () => {
    const profile = await profileOf({ extraArgs: ['--nope'] });
    await start(profile);
    const server = await failed(profile);
    expect(server.failure?.code).toBe('bad_option');
    expect(server.failure?.message).toContain('--nope');
    expect(server.failure?.action?.id).toBe('edit_options');
  });

  test('an option that the installed engine does not have is refused when the profile is saved', async () => {
    await expect(profileOf({ options: { 'max-kv-size': 4 } })).rejects.toMatchObject({
      code: 'validation',
    });
  });
});

describe('recovery', () => {
  test('SIGKILL of a ready engine: restarted, the same profile serves again', async () => {
    const profile = await profileOf();
    await start(profile);
    const first = await h.waitFor(profile.id, 'ready', 60_000);
    process.kill(first.pid ?? 0, 'SIGKILL');
    await h.waitFor(profile.id, ['backoff', 'queued', 'starting', 'loading']);
    const second = await h.waitFor(profile.id, 'ready', 60_000);
    expect(second.pid).not.toBe(first.pid);
    expect(second.restarts).toBe(1);
    expect((await chat(profile.port, false)).status).toBe(200);
  });

  test('SIGSTOP is a hang: degraded, then restarted', async () => {
    const profile = await profileOf({ hangLimitSeconds: 6 });
    await start(profile);
    const first = await h.waitFor(profile.id, 'ready', 60_000);
    process.kill(first.pid ?? 0, 'SIGSTOP');
    await h.waitFor(profile.id, 'degraded', 20_000);
    const hung = await h.waitFor(profile.id, ['backoff', 'queued', 'starting', 'loading'], 20_000);
    expect(hung.pid).not.toBe(first.pid);
    expect((await h.waitFor(profile.id, 'ready', 60_000)).pid).not.toBe(first.pid);
    expect(await readProcess(first.pid ?? 0)).toBeUndefined();
  });

  test('a model folder deleted under a running server: it stays ready and is marked', async () => {
    const folder = await copyOfModel('deleted');
    const profile = await profileOf({ model: folder, hangLimitSeconds: 6 });
    await start(profile);
    const { pid } = await h.waitFor(profile.id, 'ready', 60_000);
    await rename(folder, `${folder} deleted`);
    await expect
      .poll(
        async () => (await h.client.call('servers.list')).find((s) => s.profileId === profile.id),
        { timeout: 15_000 },
      )
      .toMatchObject({ state: 'ready', pid, modelMissing: true });
    expect((await chat(profile.port, false)).status).toBe(200);
  });
});

test('many start and stop cycles leave nothing', async () => {
  const profile = await profileOf();
  const before = new Set((await readTable()).map((info) => info.pid));
  for (let cycle = 0; cycle < 8; cycle++) {
    await start(profile);
    await h.waitFor(profile.id, 'ready', 60_000);
    const stopped = await h.client.call('servers.stop', { profileId: profile.id });
    expect(stopped.state).toBe('stopped');
    expect(await findListeners(profile.port)).toEqual([]);
  }
  const left = (await readTable()).filter(
    (info) => !before.has(info.pid) && info.state !== 'Z' && info.command.includes('mlx_lm'),
  );
  expect(left).toEqual([]);
}, 400_000);

test('an existing Python can be registered, tested and used, and removing it leaves its files', async () => {
  const [managed] = await h.client.call('engines.list');
  if (!managed?.python) throw new Error('the managed installation has no Python');
  const job = await h.client.call('engines.register', { engine: 'mlx-lm', python: managed.python });
  await jobEnd(h.client, job.id);
  const registered = (await h.client.call('engines.list')).find((i) => i.origin === 'registered');
  expect(registered).toMatchObject({ state: 'ready', version: managed.version });
  if (!registered) return;
  await h.client.call('engines.use', { installationId: managed.id });
  await h.client.call('engines.remove', { installationId: registered.id });
  expect((await h.client.call('engines.test', { installationId: managed.id })).passed).toBe(true);
});

test('an engine is not removed while a server runs with it', async () => {
  const profile = await profileOf();
  await start(profile);
  const { installation } = await h.waitFor(profile.id, 'ready', 60_000);
  await expect(
    h.client.call('engines.remove', { installationId: installation ?? '' }),
  ).rejects.toMatchObject({ code: 'in_use' });
});
