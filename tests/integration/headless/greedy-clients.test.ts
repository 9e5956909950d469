import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { type HttpHost, startHttpHost } from '@fixtures/http-host';
import { silentLogger } from '@host/host-ports';
import { LocalSocketServer } from '@host/local-socket';
import { connectSocket } from '@host/socket-transport';
import { within } from '@fixtures/until';

const CLIENTS = 60;
const REQUESTS = 500;

let host: HttpHost;
let server: LocalSocketServer;
let path: string;
let dispatched: number;
beforeEach(async () => {
  host = await startHttpHost();
  path = join(host.harness.home.folder, 'sockets', 'manager.sock');
  dispatched = 0;
  const { core } = host.harness;
  const endpoint = {
    connect: core.connect.bind(core),
    dispatch: (frame: unknown, session: Parameters<typeof core.dispatch>[1]) => {
      dispatched += 1;
      return core.dispatch(frame, session);
    },
  };
  server = new LocalSocketServer({ path, endpoint, logger: silentLogger });
  await server.listen();
});
afterEach(async () => {
  await server.close();
  await host.close();
});

/** A command of the person, beside them. */
async function askLocally(): Promise<number> {
  const began = performance.now();
  const transport = await connectSocket(path);
  if (transport === undefined) throw new Error('Nobody answers on the socket.');
  const answer = await transport.send({ id: 1, method: 'app.info' });
  transport.close();
  expect(answer).toMatchObject({ ok: true });
  return performance.now() - began;
}

const frames = (count: number): string[] =>
  Array.from({ length: count }, (_, id) => JSON.stringify({ id, method: 'app.snapshot' }));

describe('clients that ask and never read', () => {
  it('over the WebSocket keep nobody else waiting', async () => {
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, openDeaf));
    for (const socket of sockets) for (const frame of frames(REQUESTS)) socket.send(frame);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await askLocally()).toBeLessThan(3000);
    for (const socket of sockets) socket.terminate();
  });

  it('over the local socket get no more answers made than they read, and the rest when they do', async () => {
    const socket = net.connect(path);
    await once(socket, 'connect');
    const many = 20_000;
    socket.pause();
    socket.write(`${frames(many).join('\n')}\n`);
    await askLocally();
    expect(dispatched).toBeLessThan(3000);
    let lines = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        for (const byte of chunk) if (byte === 10) lines += 1;
        if (lines >= many) resolve();
      });
    });
    socket.resume();
    await within(all, () => `${many} answers; there are ${lines}`);
    socket.destroy();
  });
});

async function openDeaf(): Promise<WebSocket> {
  const socket = new WebSocket(`${host.url.replace('http', 'ws')}/ws`, {
    headers: { Authorization: `Bearer ${host.token}` },
  });
  await once(socket, 'open');
  socket.pause();
  return socket;
}
