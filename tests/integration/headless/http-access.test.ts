import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  type HttpAnswer,
  type HttpHost,
  type HttpRequest,
  startHttpHost,
} from '@fixtures/http-host';

let host: HttpHost;
beforeAll(async () => {
  host = await startHttpHost();
});
afterAll(() => host.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const frame = (method: string, params?: unknown): string =>
  JSON.stringify({ id: 7, method, params });

function rpc(headers: HttpRequest['headers'], body = frame('app.info')): Promise<HttpAnswer> {
  return host.request({
    method: 'POST',
    path: '/rpc',
    headers: { ...JSON_TYPE, ...headers },
    body,
  });
}

function expectPolicy(answer: HttpAnswer): void {
  const policy = String(answer.headers['content-security-policy']);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.headers['x-frame-options']).toBe('DENY');
  expect(answer.headers['access-control-allow-origin']).toBeUndefined();
}

describe('the token', () => {
  it('lets a program in', async () => {
    const answer = await rpc(bearer(host.token));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 7, ok: true });
  });

  it.each([
    ['none', {}],
    ['a wrong one', bearer('A'.repeat(43))],
    ['a prefix of it', bearer('A1b2C3')],
    ['another scheme', { Authorization: 'Basic QTpC' }],
  ])('is needed: %s is refused', async (_, headers) => {
    const answer = await rpc(headers);
    expect(answer.status).toBe(401);
    expectPolicy(answer);
  });

  it('is not taken from the address', async () => {
    const answer = await host.request({
      method: 'POST',
      path: `/rpc?token=${host.token}`,
      headers: JSON_TYPE,
      body: frame('app.info'),
    });
    expect(answer.status).toBe(401);
  });

  it('never reaches what only this machine may do', async () => {
    const answer = await rpc(bearer(host.token), frame('profiles.listLocal'));
    expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { code: 'unauthorised' } });
  });
});

describe('the Host header', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]'])('may be %s', async (name) => {
    const answer = await rpc({ ...bearer(host.token), Host: `${name}:${host.port}` });
    expect(answer.status).toBe(200);
  });

  const foreign = [
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.:PORT',
    '127.0.0.1:PORT.evil.example',
    'a.localhost:PORT',
  ];
  const paths = ['/', '/session', '/login', '/rpc', '/ws', '/nothing'];
  it.each(foreign.flatMap((name) => paths.map((path) => [name, path] as const)))(
    '%s is refused on %s before anything else',
    async (name, path) => {
      const Host = name.replace('PORT', String(host.port));
      const post = path === '/login' || path === '/rpc';
      const answer = await host.request({
        method: post ? 'POST' : 'GET',
        path,
        headers: { ...JSON_TYPE, ...bearer(host.token), Host },
        ...(post ? { body: frame('app.info') } : {}),
      });
      expect(answer.status).toBe(421);
      expectPolicy(answer);
    },
  );

  it('is refused twice or missing', async () => {
    const twice = `GET / HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
    expect(await host.raw(twice)).toMatch(/^HTTP\/1\.1 4(00|21) /);
    const missing = await host.raw('GET / HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(missing).toMatch(/^HTTP\/1\.1 421 /);
    expect(missing).toContain('Content-Security-Policy');
  });
});

describe('the Origin', () => {
  const own = () => `http://127.0.0.1:${host.port}`;

  it('may be our own', async () => {
    expect((await rpc({ ...bearer(host.token), Origin: own() })).status).toBe(200);
  });

  it.each([
    'null',
    'file://',
    'https://evil.example',
    'http://127.0.0.1',
    'http://127.0.0.1:1',
    'https://127.0.0.1:PORT',
    'http://127.0.0.1:PORT/',
    'http://localhost:PORT',
    'http://127.0.0.1:PORT.evil.example',
  ])('%s is refused, with the right token too', async (name) => {
    const Origin = name.replace('PORT', String(host.port));
    for (const path of ['/rpc', '/login', '/logout']) {
      const answer = await host.request({
        method: 'POST',
        path,
        headers: { ...JSON_TYPE, ...bearer(host.token), Origin },
        body: frame('app.info'),
      });
      expect(answer.status, path).toBe(403);
      expectPolicy(answer);
    }
    expect((await host.request({ headers: { Origin } })).status).toBe(403);
  });

  it('a cross-site request is refused where a browser says so', async () => {
    const answer = await rpc({ ...bearer(host.token), 'Sec-Fetch-Site': 'cross-site' });
    expect(answer.status).toBe(403);
    const neighbour = await rpc({ ...bearer(host.token), 'Sec-Fetch-Site': 'same-site' });
    expect(neighbour.status).toBe(403);
  });

  it('a preflight gets no permission', async () => {
    const answer = await host.request({
      method: 'OPTIONS',
      path: '/rpc',
      headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(answer.status).toBe(403);
    expectPolicy(answer);
  });
});

describe('a form of another page', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
  ])('cannot send %s', async (type) => {
    const headers = type === '' ? {} : { 'Content-Type': type };
    const answer = await host.request({
      method: 'POST',
      path: '/rpc',
      headers: { ...headers, ...bearer(host.token) },
      body: frame('app.info'),
    });
    expect(answer.status).toBe(415);
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s changes nothing', async (method) => {
    for (const path of ['/rpc', '/login', '/logout']) {
      const answer = await host.request({ method, path, headers: bearer(host.token) });
      expect(answer.status, path).toBe(405);
      expectPolicy(answer);
    }
  });
});

describe('limits', () => {
  it('a body over the limit is refused, with a length and without', async () => {
    const body = JSON.stringify({ id: 1, method: 'app.info', params: 'x'.repeat(1024 * 1024) });
    const answer = await rpc(
      { ...bearer(host.token), 'Content-Length': Buffer.byteLength(body) },
      body,
    );
    expect(answer.status).toBe(413);
    expectPolicy(answer);
    const chunk = `${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n`;
    const head = `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nAuthorization: Bearer ${host.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await host.raw(head + chunk.repeat(16))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('headers over the limit are refused with the policy', async () => {
    const answer = await host.raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain("frame-ancestors 'none'");
  });

  it('what is no HTTP, or smuggles, is refused', async () => {
    const own = `Host: 127.0.0.1:${host.port}`;
    const broken = [
      'garbage\r\n\r\n',
      `POST /rpc HTTP/1.1\r\n${own}\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
      `POST /rpc HTTP/1.1\r\n${own}\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      `GET http://127.0.0.1:${host.port}/ HTTP/1.1\r\n${own}\r\nConnection: close\r\n\r\n`,
    ];
    for (const bytes of broken) {
      const answer = await host.raw(bytes);
      expect(answer, bytes.split('\r\n')[0]).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toContain('Content-Security-Policy');
    }
    expect(await host.raw(`CONNECT evil.example:443 HTTP/1.1\r\n${own}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 405 /,
    );
  });
});

describe('a slow sender', () => {
  it('is ended while its headers are not complete', async () => {
    const slow = await startHttpHost({ headersMs: 300, requestMs: 600 });
    try {
      const began = performance.now();
      const answer = await slow.raw(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${slow.port}\r\nX-Slow: `);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('Content-Security-Policy');
      expect(performance.now() - began).toBeLessThan(30_000);
    } finally {
      await slow.close();
    }
  });
});
