import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

import { admit } from '@gateway/doors/head';
import { answerToBroken, LIMITS, type Limits, serverOptions } from '@gateway/doors/limits';
import { afterEach, describe, expect, it } from 'vitest';

const NO_DOORS = { hosts: [], origins: [], requireKey: false, keys: [] };

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A server with the options of the gateway and its checks; it answers what it would do with a request. */
async function listen(change: Partial<Limits> = {}): Promise<{ port: number; seen: string[] }> {
  const limits = { ...LIMITS, ...change };
  const server = createServer(serverOptions(limits));
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  const seen: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', rawHeaders, socket } = request;
    const { localPort = 0, localAddress, remoteAddress } = socket;
    const place = { localPort, localAddress, remoteAddress };
    const admission = admit({ method, url, rawHeaders }, place, NO_DOORS, 0, limits);
    seen.push(`${method} ${url}`);
    if (admission.kind === 'refused') {
      const headers = admission.closes ? { connection: 'close' } : {};
      response.writeHead(admission.refusal.status, headers).end(admission.refusal.message);
      return;
    }
    if (admission.kind === 'admitted' && admission.expectsContinue) response.writeContinue();
    request.resume();
    request.once('end', () => response.writeHead(200).end(admission.kind));
  };
  server.on('request', answer);
  server.on('checkContinue', answer);
  server.on('checkExpectation', answer);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const text = answerToBroken(error.code);
    if (text !== undefined && socket.writable) socket.end(text);
    else socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return { port: address.port, seen };
}

/** Sends the text as it stands and gives the statuses of all answers until the connection ends. */
async function statuses(port: number, text: string, { ends = true } = {}): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    got += String(chunk);
  });
  // A server that has had enough may reset what is still being sent.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (ends) socket.end(text, 'latin1');
  else socket.write(text, 'latin1');
  await once(socket, 'close');
  return [...got.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n`;
const JSON_TYPE = 'Content-Type: application/json';

function head(port: number, ...more: readonly string[]): string[] {
  return [`POST /v1/chat/completions HTTP/1.1`, `Host: 127.0.0.1:${port}`, JSON_TYPE, ...more];
}

describe('what is sent byte by byte', () => {
  it('comes in where it is in order, one after the other', async () => {
    const { port } = await listen();
    const one = `${lines(...head(port, 'Content-Length: 2'), '')}{}`;
    const chunked = `${lines(...head(port, 'Transfer-Encoding: chunked'), '', '2', '{}', '0')}\r\n`;
    const waits = `${lines(...head(port, 'Content-Length: 2', 'Expect: 100-continue'), '')}{}`;
    expect(await statuses(port, one + chunked + one)).toEqual([200, 200, 200]);
    expect(await statuses(port, waits)).toEqual([100, 200]);
    const get = lines('GET /v1/models HTTP/1.1', `Host: localhost:${port}`, '');
    expect(await statuses(port, get)).toEqual([200]);
  });

  const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

  it.each<[string, readonly string[]]>([
    ['a length and chunks', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['two lengths', ['Content-Length: 4', 'Content-Length: 40']],
    ['the same length twice', ['Content-Length: 4', 'Content-Length: 4']],
    ['a list of lengths', ['Content-Length: 4, 40']],
    ['a signed length', ['Content-Length: +4']],
    ['a length in hex', ['Content-Length: 0x4']],
    ['a length before a space', ['Content-Length : 4']],
    ['two codings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity']],
    ['a coding that only looks like chunks', ['Transfer-Encoding: xchunked']],
    ['a folded coding', ['Transfer-Encoding:', ' chunked']],
    ['a space before a name', [' Transfer-Encoding: chunked']],
    [
      'a line that ends with a bare return',
      ['x: a\rTransfer-Encoding: chunked', 'Content-Length: 4'],
    ],
    ['a NUL in a value', ['x: a\u0000b', 'Content-Length: 4']],
    ['a second Host', ['Host: evil.example', 'Content-Length: 4']],
  ])('is refused, and what follows is no request: %s', async (_, headers) => {
    const { port, seen } = await listen();
    const text = `${lines(...head(port, ...headers), '')}0\r\n\r\n${SMUGGLED}`;
    const [first, ...others] = await statuses(port, text);
    expect([400, 411, 421]).toContain(first);
    expect(others.filter((status) => status === 200)).toEqual([]);
    if (first === 400 || first === 411) {
      expect(seen.filter((one) => one.includes('smuggled'))).toEqual([]);
    }
  });

  it.each([
    ['a proxy request', (port: number) => `GET http://127.0.0.1:${port}/v1/models HTTP/1.1`, 400],
    ['another protocol', () => 'PRI * HTTP/2.0', 400],
    ['no HTTP', () => '\u0016\u0003\u0001\u0002', 400],
  ])('%s is refused', async (_, first, status) => {
    const { port } = await listen();
    const text = lines(first(port), `Host: 127.0.0.1:${port}`, '');
    expect(await statuses(port, text)).toEqual([status]);
  });

  it('no tunnel is opened', async () => {
    const { port } = await listen();
    const text = lines('CONNECT evil.example:443 HTTP/1.1', 'Host: evil.example:443', '');
    expect(await statuses(port, text)).not.toContain(200);
  });

  it('a flood of headers is refused, and none of them is overlooked', async () => {
    const { port } = await listen();
    const large = head(port, 'Content-Length: 0', `x: ${'a'.repeat(20_000)}`);
    expect(await statuses(port, lines(...large, ''))).toEqual([431]);
    // As many as Node would keep by itself, and a second Host behind them.
    const many = Array.from({ length: 2001 }, () => 'a:');
    const hidden = head(port, ...many, 'Host: evil.example', 'Content-Length: 0');
    expect(await statuses(port, lines(...hidden, ''))).toEqual([431]);
  });

  it('a request of an old client without a Host is refused', async () => {
    const { port } = await listen();
    expect(await statuses(port, lines('GET /v1/models HTTP/1.0', ''))).toEqual([421]);
    expect(await statuses(port, lines('GET /v1/models HTTP/1.1', ''))).toEqual([421]);
  });
});

describe('what is sent too slowly', () => {
  it('a head that never ends is ended', async () => {
    const { port } = await listen({ headMs: 200, checkMs: 50 });
    const text = 'GET /v1/models HTTP/1.1\r\nHost: 127';
    expect(await statuses(port, text, { ends: false })).toEqual([408]);
  });

  it('a body that never ends is ended', async () => {
    const { port } = await listen({ headMs: 200, requestMs: 300, checkMs: 50 });
    const text = `${lines(...head(port, 'Content-Length: 100'), '')}{"model"`;
    expect(await statuses(port, text, { ends: false })).toEqual([408]);
  });

  it('an idle connection is closed', async () => {
    const { port } = await listen({ idleMs: 100, checkMs: 50 });
    const text = lines('GET /health HTTP/1.1', `Host: 127.0.0.1:${port}`, '');
    expect(await statuses(port, text, { ends: false })).toEqual([200]);
  });

  it('connections beyond the limit are dropped', async () => {
    const { port } = await listen({ connections: 1 });
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const text = lines('GET /health HTTP/1.1', `Host: 127.0.0.1:${port}`, '');
    // It is counted once the server has accepted it, which its answer shows.
    first.write(text);
    await once(first, 'data');
    expect(await statuses(port, text)).toEqual([]);
    first.destroy();
  });
});
