import { access, lstat, readFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { findFreePort, isListening } from '@fixtures/temp-home';
import { until } from '@fixtures/until';

let harness: CliHarness;
beforeEach(async () => {
  harness = await createCliHarness();
});
afterEach(() => harness.close());

/** The answer to a request without input over HTTP. */
async function ask({ url, token }: Served['ready'], method: string): Promise<string> {
  const answer = await fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ id: 1, method }),
  });
  return answer.text();
}

it('is ready with its place, the token in a file for this user alone', async () => {
  const { child, ready } = await harness.serve();
  expect(ready).toMatchObject({ ready: true, pid: child.pid, home: harness.home.paths.home });
  expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const file = join(harness.home.paths.home, 'token');
  expect((await readFile(file, 'utf8')).trim()).toBe(ready.token);
  expect(Buffer.from(ready.token, 'base64url')).toHaveLength(32);
  expect((await lstat(file)).mode & 0o077).toBe(0);
  expect((await lstat(ready.socket)).mode & 0o777).toBe(0o600);
  expect(await (await fetch(ready.url)).text()).toContain('<title>MLX Manager</title>');
  expect(JSON.parse(await ask(ready, 'app.info'))).toMatchObject({
    ok: true,
    result: { url: ready.url },
  });
});

it('shows people how to log in, and the token to nobody but a terminal', async () => {
  const port = await findFreePort();
  const child = harness.spawn('serve', '--port', String(port), '--no-demo');
  let said = '';
  await new Promise<void>((resolve) =>
    child.stdout?.on('data', (data) => {
      said += data;
      if (said.includes('Ctrl-C')) resolve();
    }),
  );
  const token = (await readFile(join(harness.home.paths.home, 'token'), 'utf8')).trim();
  expect(said).toContain(`http://127.0.0.1:${port}`);
  expect(said).toContain('status --show-token');
  expect(said).not.toContain(token);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

it('a second one on the folder points to the first', async () => {
  const { ready } = await harness.serve();
  const second = await harness.failure('serve', '--port', '0');
  expect(second).toMatchObject({
    code: 1,
    error: { code: 'already_running', data: { pid: ready.pid, url: ready.url } },
  });
  expect(await harness.json('status')).toMatchObject([{ manager: { pid: ready.pid } }]);
});

it('a busy port is an error that names who holds it, and nothing is left behind', async () => {
  const holder = net.createServer();
  const port = await findFreePort();
  await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve));
  try {
    const { code, error } = await harness.failure('serve', '--port', String(port));
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: 'port_in_use', data: { port, pid: process.pid } });
    expect(JSON.stringify(error)).toContain(`pid ${process.pid}`);
  } finally {
    await new Promise((resolve) => holder.close(resolve));
  }
  expect(await harness.json('status')).toMatchObject([{ manager: { running: false } }]);
});

it.each(['0.0.0.0', '192.168.1.5', 'studio.local', '::', '127.0.0.2'])(
  'does not listen on %s',
  async (host) => {
    const { code, error } = await harness.failure('serve', '--port', '0', '--host', host);
    expect(code).toBe(2);
    expect(error).toMatchObject({ code: 'usage' });
  },
);

it('a signal quits in order, a second one is the same quit: server, socket and port are gone', async () => {
  const { child, ready } = await harness.serve();
  await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
  await harness.createProfile('A', '--env', 'FAKE_TERM_MS=700');
  const [server] = await harness.json('start', 'A', '--wait');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  // Views see the servers end, so what they are told shows that it is on its way out.
  await until(async () => /"state":"stopping"/.test(await ask(ready, 'servers.list')), 'the quit');
  child.kill('SIGTERM');
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(await isListening((server as { port: number }).port)).toBe(false);
  expect(await isListening(Number(new URL(ready.url).port))).toBe(false);
  await expect(access(ready.socket)).rejects.toThrow();
});

it('starts again at once after a SIGKILL', async () => {
  const first = await harness.serve();
  await first.end('SIGKILL');
  const second = await harness.serve();
  expect(second.ready.token).toBe(first.ready.token);
  expect(await harness.json('status')).toMatchObject([{ manager: { pid: second.ready.pid } }]);
});
