import { afterAll, beforeAll, expect, it } from 'vitest';

import { type HttpHost, startHttpHost } from '@fixtures/http-host';

let host: HttpHost;
beforeAll(async () => {
  host = await startHttpHost();
});
afterAll(() => host.close());

it('serves the screens to everyone on this machine: they hold no secret', async () => {
  const answer = await host.request({ path: '/' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-cache');
  expect(answer.headers['content-security-policy']).toContain("script-src 'self'");
  expect(answer.body).toContain('MLX Manager');
});

it('lets a browser keep what has a hash in its name', async () => {
  const answer = await host.request({ path: '/assets/index-Ab12Cd34.js?x=1' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(answer.headers['cache-control']).toContain('immutable');
});

it('answers HEAD without a body, and nothing but GET and HEAD', async () => {
  const head = await host.request({ method: 'HEAD', path: '/' });
  expect([head.status, head.body]).toEqual([200, '']);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await host.request({ method, path: '/' });
    expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }
});

it.each([
  '/../outside.txt',
  '/assets/../../outside.txt',
  '/..%2foutside.txt',
  '/%2e%2e/outside.txt',
  '/%2e%2e%2foutside.txt',
  '/..%5coutside.txt',
  '/..\\outside.txt',
  '/assets/..\\..\\outside.txt',
  '/....//outside.txt',
  '/%252e%252e/outside.txt',
  '/%c0%ae%c0%ae/outside.txt',
  '/index.html%00.txt',
  '//outside.txt',
  '//etc/passwd',
  '/./outside.txt',
  '/link.txt',
  '/.hidden.txt',
  '/assets',
  '/assets/',
  '/nothing.txt',
  `/${'a'.repeat(5000)}.txt`,
])('gives nothing for %s', async (path) => {
  const answer = await host.raw(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 404 /);
  expect(answer).not.toContain('SECRET');
  expect(answer).not.toContain('root:');
  expect(answer).toContain('Content-Security-Policy');
});
