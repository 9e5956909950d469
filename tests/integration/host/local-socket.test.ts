import { spawn } from 'node:child_process';
import { chmod, lstat, mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { silentLogger } from '@host/host-ports';
import { LocalSocketServer } from '@host/local-socket';
import { connectSocket } from '@host/socket-transport';
import { createClient } from '@shared/rpc/client';

let harness: CoreHarness;
let path: string;
const servers: LocalSocketServer[] = [];
beforeEach(async () => {
  harness = await createCoreHarness();
  path = join(harness.home.folder, 'sockets', 'manager.sock');
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  await harness.close();
});

function createServer(): LocalSocketServer {
  const server = new LocalSocketServer({ path, endpoint: harness.core, logger: silentLogger });
  servers.push(server);
  return server;
}

it('is for this user alone, also in a folder that was open', async () => {
  await mkdir(join(path, '..'), { mode: 0o755, recursive: true });
  await chmod(join(path, '..'), 0o755);
  await createServer().listen();
  expect((await lstat(path)).mode & 0o777).toBe(0o600);
  expect((await lstat(join(path, '..'))).mode & 0o777).toBe(0o700);
});

it('answers with local scope, and tells what waits when it ends', async () => {
  const server = createServer();
  await server.listen();
  const transport = await connectSocket(path);
  if (transport === undefined) throw new Error('Nobody answers.');
  const snapshot = await createClient(transport).call('app.snapshot');
  expect(snapshot.scopes).toEqual(['any', 'local']);
  await server.close();
  await expect(transport.lost).rejects.toMatchObject({ code: 'not_running' });
  await expect(createClient(transport).call('app.info')).rejects.toMatchObject({
    code: 'not_running',
  });
  expect(await connectSocket(path)).toBeUndefined();
});

it('takes the place of one that died, never of one that answers', async () => {
  await createServer().listen();
  await expect(createServer().listen()).rejects.toMatchObject({ code: 'already_running' });
  await leaveStaleSocket(`${path}2`);
  path = `${path}2`;
  await createServer().listen();
  expect(await connectSocket(path).then((transport) => transport?.close())).toBeUndefined();
});

it('never removes what is not a socket', async () => {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, 'precious');
  await expect(createServer().listen()).rejects.toMatchObject({ code: 'permission' });
});

it('cuts off a frame over the limit, and answers a malformed one', async () => {
  await createServer().listen();
  const flood = net.connect(path);
  flood.write('x'.repeat(1024 * 1024 + 1));
  expect(JSON.parse(await text(flood))).toMatchObject({ ok: false, error: { code: 'bad_frame' } });
  const nonsense = net.connect(path);
  nonsense.write('{"id":\n');
  const [answer] = await new Promise<string[]>((resolve) =>
    nonsense.once('data', (data) => resolve(data.toString().split('\n'))),
  );
  expect(JSON.parse(answer ?? '')).toMatchObject({ ok: false, error: { code: 'bad_frame' } });
  nonsense.destroy();
});

/** A socket file whose owner is gone, as SIGKILL leaves it. */
async function leaveStaleSocket(at: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(at)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script]);
  await new Promise((resolve) => child.once('exit', resolve));
  expect((await lstat(at)).isSocket()).toBe(true);
}
