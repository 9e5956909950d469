import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import {
  createGatewayHarness,
  DIALECTS,
  exchange,
  type GatewayHarness,
  openSocket,
} from '@fixtures/gateway-harness';
import { systemClock } from '@core/ports/clock';
import { ROUTES } from '@gateway/doors/routes';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let h: GatewayHarness;
let host: string;
/** The core's clock is so much behind, ms. */
let early = 0;
beforeAll(async () => {
  h = await createGatewayHarness({
    clock: { ...systemClock, now: () => systemClock.now() - early },
  });
  await h.registerEngine();
  await h.profile('Open');
  host = `127.0.0.1:${h.port}`;
});
afterEach(() => expect.poll(() => h.books()).toEqual({ waiting: 0, underWay: 0 }));
afterAll(async () => {
  await h.proveNothingLeft();
  await h.close();
});

const HI = { model: 'Open', messages: [{ role: 'user', content: 'hi' }] };
const CHAT = JSON.stringify(HI);
const CHAT_OF_ONE = JSON.stringify({ ...HI, max_tokens: 1 });
const RESPONSE = JSON.stringify({ model: 'Open', input: 'hi' });

/** A whole request as it goes over the wire; a header that is undefined is left out. */
function bytes(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  body = '',
): string {
  const all = {
    Host: host,
    Connection: 'close',
    ...(body === ''
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Every answer on a connection, in order. */
function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = Number(headers.get('content-length') ?? Number.NaN);
    const body = Number.isNaN(length)
      ? (rest.slice(end + 4).split('HTTP/1.1 ')[0] ?? '')
      : Buffer.from(rest.slice(end + 4))
          .subarray(0, length)
          .toString();
    answers.push({ status: Number(first.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + body.length);
  }
  return answers;
}

async function send(...parts: Parameters<typeof bytes>): Promise<Answer> {
  const [answer] = answersIn(await exchange(h.port, bytes(...parts)));
  if (!answer) throw new Error('The connection closed without an answer.');
  return answer;
}

/** The failure of a body in either shape. */
function errorOf({ body }: Answer): { readonly message: string; readonly code: string } {
  const { error } = JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '{}');
  return { message: String(error?.message), code: String(error?.code ?? error?.type) };
}

describe('a page in a browser', () => {
  it.each([
    'evil.example',
    `evil.example:${1}`,
    'localhost.evil.example',
    '127.0.0.1',
    'localhost:1',
    '0.0.0.0:6590',
    '',
  ])('whose name was rebound to this machine (%s) gets nothing, on any path', async (name) => {
    for (const { path, methods } of ROUTES) {
      const method = methods[0] ?? 'GET';
      const body = method === 'POST' ? CHAT : '';
      const answer = await send(method, `/v1${path}`, { Host: name }, body);
      expect(answer.status, path).toBe(421);
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
      expect(answer.body).not.toContain('Open');
    }
  });

  it('of another site gets nothing, on any path', async () => {
    for (const { path, methods } of ROUTES) {
      const method = methods[0] ?? 'GET';
      const body = method === 'POST' ? CHAT : '';
      for (const headers of [
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
        { Origin: `http://127.0.0.1:${h.port}` },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
      ]) {
        const answer = await send(method, `/v1${path}`, headers, body);
        expect(answer.status, `${path} ${JSON.stringify(headers)}`).toBe(403);
        expect(answer.headers.has('access-control-allow-origin')).toBe(false);
      }
    }
  });

  it('cannot send what a form or a plain fetch sends', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      undefined,
    ]) {
      const answer = await send('POST', '/v1/chat/completions', { 'Content-Type': type }, CHAT);
      expect(answer.status, type).toBe(415);
    }
  });

  it('asks what it may send and hears no', async () => {
    const asks = { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' };
    const answer = await send('OPTIONS', '/v1/chat/completions', asks);
    expect(answer.status).toBe(403);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([]);
  });
});

describe('a body', () => {
  it.each(DIALECTS)(
    'that says it is too large is refused before it is sent ($name)',
    async ({ path }) => {
      const head = { 'Content-Type': 'application/json', 'Content-Length': String(65 * 2 ** 20) };
      const answer = await send('POST', path, head);
      expect(answer.status).toBe(413);
      expect(answer.headers.get('connection')).toBe('close');
    },
  );

  it.each(DIALECTS)(
    'that becomes too large is refused, and whoever sends it hears why ($name)',
    async ({ path }) => {
      const socket = await openSocket(h.port);
      const head = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
      socket.write(bytes('POST', path, head));
      let got = '';
      socket.on('data', (chunk: Buffer) => {
        got += chunk.toString();
      });
      const closed = once(socket, 'close');
      const chunk = Buffer.alloc(2 ** 20, 0x20);
      let sent = 0;
      while (!socket.destroyed && got === '' && sent < 80) {
        sent += 1;
        const isDrained = socket.write(
          Buffer.concat([Buffer.from('100000\r\n'), chunk, Buffer.from('\r\n')]),
        );
        if (!isDrained) await Promise.race([once(socket, 'drain'), closed]);
      }
      await closed;
      expect(answersIn(got)[0]?.status, got.slice(0, 500)).toBe(413);
      expect(sent).toBeLessThan(75);
    },
  );

  it('that a real client sends too large: fetch hears 413', async () => {
    const body = `{"model":"${'x'.repeat(70 * 2 ** 20)}"}`;
    const answer = await fetch(`${h.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(413);
  });

  it('that is cut off is forgotten', async () => {
    const socket = await openSocket(h.port);
    socket.write(bytes('POST', '/v1/messages', { 'Content-Length': '500' }, CHAT));
    socket.destroy();
    await once(socket, 'close');
  });

  it.each(['[]', '"text"', 'null', '{"model":', '\xff\xfe', '{"__proto__":{"model":"Open"}}'])(
    'that is %s is refused in each dialect',
    async (body) => {
      for (const { path } of DIALECTS) {
        const answer = await send('POST', path, {}, body);
        expect(answer.status, answer.body).toBeGreaterThanOrEqual(400);
        expect(answer.status, answer.body).toBeLessThan(500);
        expect(errorOf(answer).message).not.toMatch(/undefined|at .*\.js/);
      }
    },
  );

  it('that is nested a hundred thousand times is refused, and the gateway goes on', async () => {
    const deep = `{"model":"Open","messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    for (const { path } of DIALECTS) {
      expect((await send('POST', path, {}, deep)).status).toBe(400);
    }
    expect((await send('GET', '/health')).status).toBe(200);
  });
});

describe('requests that mean two things', () => {
  const chunked = 'Transfer-Encoding: chunked';
  const smuggled = 'GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n';
  it.each([
    ['both lengths', `${chunked}\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two lengths', `Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}${smuggled}`],
    ['a list of lengths', `Content-Length: 2, 40\r\n\r\n{}${smuggled}`],
    ['a signed length', `Content-Length: +2\r\n\r\n{}${smuggled}`],
    ['a length in hexadecimal', `Content-Length: 0x2\r\n\r\n{}${smuggled}`],
    ['an encoding that is not chunked', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['two encodings', `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['an encoding twice', `${chunked}\r\n${chunked}\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a space before the colon', `Content-Length : 2\r\n\r\n{}${smuggled}`],
    ['a folded header', `X-A: 1\r\n Content-Length: 2\r\n\r\n{}${smuggled}`],
    ['bare line feeds', `Content-Length: 2\n\n{}${smuggled}`],
    ['a chunk of a bad size', `${chunked}\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${smuggled}`],
  ])('are refused and the connection is closed: %s', async (_, rest) => {
    const text = await exchange(
      h.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${rest}`,
    );
    const answers = answersIn(text);
    expect(answers.length, text).toBeGreaterThan(0);
    expect(
      answers.every(({ status }) => status >= 400 && status < 500),
      text,
    ).toBe(true);
    expect(answers[0]?.headers.get('connection'), text).toBe('close');
    expect(text).not.toContain('"data"');
  });

  it('one after the other on one connection are answered in order', async () => {
    const keep = { Connection: 'keep-alive' };
    const text = await exchange(
      h.port,
      [
        bytes('GET', '/health', keep),
        bytes('GET', '/v1/models/Nobody', keep),
        bytes('POST', '/v1/chat/completions', keep, '{}'),
        bytes('GET', '/v1/models', {}),
      ].join(''),
    );
    expect(answersIn(text).map(({ status }) => status)).toEqual([200, 404, 400, 200]);
  });
});

describe('a head', () => {
  it('of too many headers, of too many bytes, of a path that is too long is refused', async () => {
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`X-${index}`, '1']));
    expect((await send('GET', '/health', many)).status).toBe(431);
    expect((await send('GET', '/health', { 'X-Long': 'x'.repeat(20_000) })).status).toBe(431);
    expect((await send('GET', `/v1/models?${'x'.repeat(9000)}`)).status).toBe(414);
  });

  it('that never ends is ended, in time', async () => {
    const socket = await openSocket(h.port);
    socket.write('GET /health HTTP/1.1\r\n');
    const began = performance.now();
    // Fixed wait: a client that sends a line now and then.
    const timer = setInterval(() => socket.write('X-Slow: 1\r\n'), 500);
    let got = '';
    socket.on('data', (chunk: Buffer) => {
      got += chunk.toString();
    });
    await once(socket, 'close');
    clearInterval(timer);
    expect(performance.now() - began).toBeLessThan(16_000);
    expect(answersIn(got)[0]?.status).toBe(408);
  });

  it('that is no HTTP is answered so', async () => {
    for (const text of [
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'hello\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      const [answer] = answersIn(await exchange(h.port, Buffer.from(text, 'latin1')));
      expect(answer?.status).toBe(400);
    }
  });

  it('offers another protocol: WebSocket hears no, HTTP/2 is passed over', async () => {
    const offer = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };
    expect((await send('GET', '/v1/responses', offer)).status).toBe(400);
    const h2 = {
      Connection: 'Upgrade, HTTP2-Settings, close',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAA',
    };
    expect((await send('GET', '/health', h2)).status).toBe(200);
  });

  it('with CONNECT, TRACE or an address of elsewhere gets nothing', async () => {
    for (const line of [
      'CONNECT evil.example:443',
      'TRACE /',
      `GET http://evil.example/v1/models`,
    ]) {
      const text = await exchange(
        h.port,
        `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(text === '' || (answersIn(text)[0]?.status ?? 0) >= 400, line).toBe(true);
    }
  });

  it('of HEAD has the head of GET and no body', async () => {
    for (const path of ['/', '/health', '/api/hello', '/v1/models', '/v1/models/Open']) {
      const answer = await send('HEAD', path);
      expect([answer.status, answer.body], path).toEqual([200, '']);
      expect(Number(answer.headers.get('content-length')), path).toBeGreaterThan(0);
    }
    const unknown = await send('HEAD', '/v1/models/Nobody');
    expect([unknown.status, unknown.body]).toEqual([404, '']);
  });

  it('of a method that a path does not take is told which ones it does', async () => {
    for (const { path, methods } of ROUTES) {
      const answer = await send('PATCH', `/v1${path.replace(/\{id\.*\}/, 'x')}`);
      expect(answer.status, path).toBe(405);
      expect(answer.headers.get('allow'), path).toContain(methods[0]);
    }
  });

  it('waits for a word before its body, and gets it or the refusal', async () => {
    const expecting = {
      Expect: '100-continue',
      'Content-Type': 'application/json',
      'Content-Length': '2',
    };
    const socket = await openSocket(h.port);
    socket.write(bytes('POST', '/v1/chat/completions', expecting));
    const [first] = await once(socket, 'data');
    expect(String(first)).toMatch(/^HTTP\/1\.1 100 Continue/);
    socket.end('{}');
    await once(socket, 'close');
    const refused = await send('POST', '/v1/chat/completions', {
      ...expecting,
      Host: 'evil.example',
    });
    expect(refused.status).toBe(421);
  });
});

describe('keys', () => {
  it('wrong, expired and foreign ones are refused, right ones pass, each in its dialect', async () => {
    const { client } = h;
    const other = await h.profile('Closed', {}, { start: 'manual' });
    const good = await client.call('gateway.addKey', { name: 'Good' });
    const foreign = await client.call('gateway.addKey', {
      name: 'Foreign',
      profileIds: [other.id],
    });
    // A day is the shortest that a key lasts: this one is made as if that were over in a second and a half.
    early = 24 * 3_600_000 - 1500;
    const short = await client.call('gateway.addKey', { name: 'Short', expiresDays: 1 });
    early = 0;
    const ask = (path: string, headers: Record<string, string>): Promise<Answer> =>
      send('POST', path, headers, path.endsWith('responses') ? RESPONSE : CHAT_OF_ONE);
    for (const { path } of DIALECTS) {
      for (const headers of [
        { Authorization: `Bearer ${good.key}` },
        { 'x-api-key': good.key },
        { 'api-key': good.key },
        { Authorization: `Basic ${Buffer.from(`me:${good.key}`).toString('base64')}` },
        { Authorization: 'Bearer something-else', 'x-api-key': good.key },
        {},
      ]) {
        expect((await ask(path, headers)).status, `${path} ${Object.keys(headers)}`).toBe(200);
      }
      for (const key of [
        'wrong',
        `${good.key}x`,
        good.key.slice(0, -1),
        good.key.toUpperCase(),
        'x'.repeat(5000),
      ]) {
        const answer = await ask(path, { 'x-api-key': key });
        expect(answer.status).toBe(401);
        expect(answer.body).not.toContain(key);
      }
      const hidden = await ask(path, { 'x-api-key': foreign.key });
      expect(hidden.status).toBe(404);
      expect(hidden.body).not.toContain('Good');
      expect(errorOf(hidden).message).toMatch(/Models: Closed\.$/);
    }
    const list = await send('GET', '/v1/models', { 'x-api-key': foreign.key });
    expect(JSON.parse(/\{.*\}/s.exec(list.body)?.[0] ?? '').data).toHaveLength(1);
    expect((await ask('/v1/messages', { 'x-api-key': short.key })).status).toBe(200);
    // Fixed wait: the key's own time.
    await new Promise((resolve) => setTimeout(resolve, 1600));
    const late = await ask('/v1/messages', { 'x-api-key': short.key });
    expect([late.status, errorOf(late).message]).toEqual([401, expect.stringMatching(/expired/)]);
    for (const { id } of await client.call('gateway.keys')) {
      await client.call('gateway.revokeKey', { keyId: id });
    }
    expect((await ask('/v1/messages', { 'x-api-key': good.key })).status).toBe(200);
  });
});

describe('many connections', () => {
  it('are held, and others are still answered', async () => {
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < 400; index += 1) {
        const socket = connect(h.port, '127.0.0.1');
        socket.on('error', () => undefined);
        sockets.push(socket);
      }
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      expect((await send('GET', '/health')).status).toBe(200);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
});
