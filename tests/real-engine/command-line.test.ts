import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type ManagerProcess, startManager } from '@fixtures/manager-process';
import type { Server } from '@shared/domain/server';
import { findListeners, readProcess } from '@fixtures/see-processes';

/** The whole path by command line only, on the built program and the real engine. */
let manager: ManagerProcess;

beforeAll(async () => {
  manager = await startManager();
}, 60_000);

afterAll(async () => {
  expect(await manager.close()).toBe(0);
});

test('engine install prints its phases as JSON lines and ends with the installation', async () => {
  const { code, stdout } = await manager.run('engine', 'install', 'mlx-lm', '--json');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(code).toBe(0);
  expect(lines.filter((line) => line.event === 'progress').length).toBeGreaterThanOrEqual(3);
  expect(lines.at(-1)).toMatchObject({
    event: 'done',
    installation: { engine: 'mlx-lm', state: 'ready', inUse: true },
  });
}, 600_000);

test('profile, start --wait, chat, logs, stop: exit codes and JSON', async () => {
  const profile = (await manager.json('profile', 'create', 'My server', '--model', 'demo')) as {
    id: string;
    port: number;
  };
  const ready = (await manager.json('start', 'my server', '--wait')) as Server;
  expect(ready).toMatchObject({ state: 'ready', name: 'My server', restartNeeded: false });
  expect(ready.url).toBe(`http://127.0.0.1:${profile.port}/v1`);

  const response = await fetch(`${ready.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 8,
      stream: true,
    }),
  });
  expect(await response.text()).toContain('[DONE]');

  const logs = await manager.run('logs', 'My server', '-n', '500', '--json');
  const lines = logs.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string });
  expect(lines.some(({ text }) => text.includes('POST /v1/chat/completions'))).toBe(true);

  const stopped = (await manager.json('stop', profile.id)) as Server;
  expect(stopped.state).toBe('stopped');
  expect(await findListeners(profile.port)).toEqual([]);
  expect(await readProcess(ready.pid ?? 0)).toBeUndefined();
});

test('start --wait of a profile that cannot start exits 1 with the failure code', async () => {
  await manager.json('profile', 'create', 'Broken', '--model', 'demo', '--arg', '--nope');
  const { code, stdout } = await manager.run('start', 'Broken', '--wait', '--json');
  expect(code).toBe(1);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string } };
  expect(last.error.code).toBe('bad_option');
});

test('a manager killed while two servers run: the next one adopts both, the same processes serve on', async () => {
  await manager.json('profile', 'create', 'One', '--model', 'demo');
  await manager.json('profile', 'create', 'Two', '--model', 'demo');
  const before = (await manager.json('start', 'One', 'Two', '--wait')) as Server[];
  manager = await manager.crash();
  for (const server of before) {
    const after = (await manager.json('start', server.name, '--wait')) as Server;
    expect(after).toMatchObject({ state: 'ready', pid: server.pid, port: server.port });
    const answer = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 2 }),
    });
    expect(answer.status).toBe(200);
  }
  const stopped = (await manager.json('stop', '--all')) as Server[];
  expect(stopped.every((server) => server.state === 'stopped')).toBe(true);
  // Its parent died, so the system collects it: until then it is a zombie, which is gone too.
  for (const { pid } of before) expect((await readProcess(pid ?? 0))?.state ?? 'Z').toBe('Z');
});

test('a foreign program on the recorded port after a crash is never ended and never called ready', async () => {
  const { pid = 0, port } = (await manager.json('start', 'One', '--wait')) as Server;
  const next = manager.crash();
  process.kill(pid, 'SIGKILL');
  manager = await next;
  const stranger = http.createServer((_, response) => response.end('{"choices":[{}]}'));
  await expect.poll(() => findListeners(port)).toEqual([]);
  stranger.listen(port, '127.0.0.1');
  await once(stranger, 'listening');
  try {
    await manager.json('stop', 'One');
    const { code, stdout } = await manager.run('start', 'One', '--wait', '--json');
    expect(code).toBe(1);
    expect(stdout).toContain('"port_in_use"');
    expect(stdout).toContain(`pid ${process.pid}`);
    expect(await findListeners(port)).toEqual([process.pid]);
  } finally {
    await new Promise((resolve) => stranger.close(resolve));
  }
});
