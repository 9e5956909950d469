import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { type HttpAnswer, type HttpHost, startHttpHost } from '@fixtures/http-host';

let host: HttpHost;
beforeEach(async () => {
  host = await startHttpHost();
});
afterEach(() => host.close());

function post(path: string, body: unknown, cookie?: string): Promise<HttpAnswer> {
  return host.request({
    method: 'POST',
    path,
    headers: {
      'Content-Type': 'application/json',
      Origin: host.url,
      'Sec-Fetch-Site': 'same-origin',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
    },
    body: JSON.stringify(body),
  });
}

async function isLoggedIn(cookie?: string): Promise<boolean> {
  const answer = await host.request({
    path: '/session',
    headers: cookie === undefined ? {} : { Cookie: cookie },
  });
  return JSON.parse(answer.body).authenticated;
}

describe('logging in from a browser', () => {
  it('gives a cookie that scripts and other sites never see', async () => {
    expect(await isLoggedIn()).toBe(false);
    const answer = await post('/login', { token: host.token });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ authenticated: true, version: '0.0.0-test' });
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(cookie).not.toContain(host.token);
    expect(await isLoggedIn(cookie.split(';')[0])).toBe(true);
  });

  it('refuses a wrong token, and the cookie of nobody', async () => {
    expect((await post('/login', { token: 'wrong' })).status).toBe(401);
    expect((await post('/login', { password: host.token })).status).toBe(400);
    expect((await post('/login', { token: 7 })).status).toBe(400);
    expect((await post('/login', { token: 'x'.repeat(9000) })).status).toBe(413);
    expect(await isLoggedIn(`mlx-manager-${host.port}=${host.token}`)).toBe(false);
  });

  it('stops looking after ten wrong tokens, at the right one too', async () => {
    for (let i = 0; i < 10; i++) expect((await post('/login', { token: `${i}` })).status).toBe(401);
    const answer = await post('/login', { token: host.token });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('ends with logging out, the open view too', async () => {
    const cookie = await host.logIn();
    const view = await openView({ Cookie: cookie, Origin: host.url });
    const closed = new Promise<number>((resolve) => view.once('close', resolve));
    expect((await post('/logout', {}, cookie)).status).toBe(200);
    expect(await closed).toBe(1008);
    expect(await isLoggedIn(cookie)).toBe(false);
  });
});

describe('the WebSocket', () => {
  it('opens for a browser that is logged in and for a program with the token', async () => {
    const cookie = await host.logIn();
    for (const headers of [
      { Cookie: cookie, Origin: host.url },
      { Authorization: `Bearer ${host.token}` },
    ]) {
      const view = await openView(headers);
      const answer = await ask(view, { id: 1, method: 'app.snapshot' });
      expect(answer).toMatchObject({ id: 1, ok: true, result: { scopes: ['any'] } });
      expect(await ask(view, { id: 2, method: 'engines.register', params: {} })).toMatchObject({
        ok: false,
        error: { code: 'unauthorised' },
      });
      view.close();
    }
  });

  it('is refused before the upgrade, with a status', async () => {
    const cookie = await host.logIn();
    const own = `127.0.0.1:${host.port}`;
    expect(await refusedStatus({})).toBe(401);
    expect(await refusedStatus({ Origin: host.url })).toBe(401);
    expect(await refusedStatus({ Authorization: 'Bearer nonsense' })).toBe(401);
    expect(await refusedStatus({ Cookie: cookie, Origin: 'https://evil.example' })).toBe(403);
    expect(await refusedStatus({ Cookie: cookie, Origin: 'null' })).toBe(403);
    expect(await refusedStatus({ Cookie: cookie, Origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await refusedStatus({ Cookie: cookie, Host: 'evil.example' })).toBe(421);
    expect(await refusedStatus({ Cookie: cookie, Host: own }, '/other')).toBe(404);
  });

  it('closes with 1009 on a frame over the limit, and answers nonsense with an error', async () => {
    const view = await openView({ Authorization: `Bearer ${host.token}` });
    expect(await ask(view, 'nonsense')).toMatchObject({ ok: false, error: { code: 'bad_frame' } });
    const closed = new Promise<number>((resolve) => view.once('close', resolve));
    view.send('x'.repeat(1024 * 1024 + 1));
    expect(await closed).toBe(1009);
  });
});

function openView(headers: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const view = new WebSocket(`${host.url.replace('http', 'ws')}/ws`, { headers });
    view.once('open', () => resolve(view));
    view.once('error', reject);
  });
}

function ask(view: WebSocket, frame: unknown): Promise<unknown> {
  return new Promise((resolve) => {
    const look = (data: Buffer): void => {
      const message = JSON.parse(data.toString());
      if (!('id' in message)) return;
      view.off('message', look);
      resolve(message);
    };
    view.on('message', look);
    view.send(JSON.stringify(frame));
  });
}

function refusedStatus(headers: Record<string, string>, path = '/ws'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const view = new WebSocket(`${host.url.replace('http', 'ws')}${path}`, { headers });
    view.once('unexpected-response', (request, response) => {
      expect(response.headers['content-security-policy']).toContain("default-src 'none'");
      request.destroy();
      resolve(response.statusCode);
    });
    view.once('open', () => reject(new Error('The upgrade was granted.')));
    view.once('error', () => undefined);
  });
}
