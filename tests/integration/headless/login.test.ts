import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

import { systemClock } from '@core/ports/clock';
import { Logins } from '@headless/login';
import { createDocumentStore } from '@host/document-store';
import { silentLogger } from '@host/host-ports';

import {
  type HttpAnswer,
  type HttpHost,
  type LoginHeaders,
  startHttpHost,
} from '@fixtures/http-host';

let host: HttpHost;
beforeEach(async () => {
  host = await startHttpHost();
});
afterEach(() => host.close());

function post(path: string, body: unknown, login?: LoginHeaders): Promise<HttpAnswer> {
  return host.request({
    method: 'POST',
    path,
    headers: {
      'Content-Type': 'application/json',
      Origin: host.url,
      'Sec-Fetch-Site': 'same-origin',
      ...login,
    },
    body: JSON.stringify(body),
  });
}

async function isLoggedIn(login: Partial<LoginHeaders> = {}): Promise<boolean> {
  const answer = await host.request({
    path: '/session',
    headers: { ...login },
  });
  return JSON.parse(answer.body).authenticated;
}

describe('logging in from a browser', () => {
  it('gives a cookie that scripts and other sites never see', async () => {
    expect(await isLoggedIn()).toBe(false);
    const answer = await post('/login', { token: host.token });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      authenticated: true,
      version: '0.0.0-test',
      key: expect.stringMatching(/^[\w-]{43}$/),
    });
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect(cookie).not.toContain(host.token);
    const { key } = JSON.parse(answer.body);
    const Cookie = cookie.split(';')[0] ?? '';
    expect(await isLoggedIn({ Cookie, 'X-MLX-Manager-Key': key })).toBe(true);
    // What another server of this machine is sent by the browser is half of it.
    expect(await isLoggedIn({ Cookie })).toBe(false);
    expect(await isLoggedIn({ Cookie, 'X-MLX-Manager-Key': 'x' })).toBe(false);
  });

  it('refuses a wrong token, and the cookie of nobody', async () => {
    expect((await post('/login', { token: 'wrong' })).status).toBe(401);
    expect((await post('/login', { password: host.token })).status).toBe(400);
    expect((await post('/login', { token: 7 })).status).toBe(400);
    expect((await post('/login', { token: 'x'.repeat(9000) })).status).toBe(413);
    expect(await isLoggedIn({ Cookie: `mlx-manager-${host.port}=${host.token}` })).toBe(false);
  });

  it('stops looking after ten wrong tokens, at the right one too', async () => {
    for (let i = 0; i < 10; i++) expect((await post('/login', { token: `${i}` })).status).toBe(401);
    const answer = await post('/login', { token: host.token });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('ends with logging out, the open view too', async () => {
    const cookie = await host.logIn();
    const view = await openView({ ...cookie, Origin: host.url });
    const closed = new Promise<number>((resolve) => view.once('close', resolve));
    expect((await post('/logout', {}, cookie)).status).toBe(200);
    expect(await closed).toBe(1008);
    expect(await isLoggedIn(cookie)).toBe(false);
  });
});

describe('logging out everywhere', () => {
  it('ends every login and its view, and no program with the token', async () => {
    const [one, two] = [await host.logIn(), await host.logIn()];
    const view = await openView({ ...two, Origin: host.url });
    const program = await openView({ Authorization: `Bearer ${host.token}` });
    const closed = new Promise<number>((resolve) => view.once('close', resolve));
    const cookieAlone = { Cookie: one.Cookie } as LoginHeaders;
    expect((await post('/logout', { everywhere: true }, cookieAlone)).status).toBe(401);
    const answer = await post('/logout', { everywhere: true }, one);
    expect(JSON.parse(answer.body)).toEqual({ ended: 2 });
    expect(await closed).toBe(1008);
    expect([await isLoggedIn(one), await isLoggedIn(two)]).toEqual([false, false]);
    expect(await ask(program, { id: 1, method: 'app.info' })).toMatchObject({ ok: true });
    program.close();
  });
});

describe('a login', () => {
  const document = () => createDocumentStore(host.harness.home.paths.documents, 'kept-logins');
  const logins = (token: string): Logins =>
    new Logins({ token, clock: systemClock, logger: silentLogger, document: document() });

  it('outlives the manager with the same token, and ends with another one', async () => {
    const made = await logins('first').login('first');
    if (!made.ok) throw new Error('It was refused.');
    const text = (await document().read()) ?? '';
    for (const secret of [made.cookie, made.key, 'first']) expect(text).not.toContain(secret);
    for (const [token, isKnown] of [
      ['first', true],
      ['second', false],
    ] as const) {
      const later = logins(token);
      await later.load();
      expect(later.isLoggedIn(made.cookie, made.key), token).toBe(isKnown);
    }
  });
});

describe('the WebSocket', () => {
  it('takes the key as a protocol, as a page sends it, and answers with the other one', async () => {
    const { Cookie, 'X-MLX-Manager-Key': key } = await host.logIn();
    const view = new WebSocket(
      `${host.url.replace('http', 'ws')}/ws`,
      ['mlx-manager', `key.${key}`],
      {
        headers: { Cookie, Origin: host.url },
      },
    );
    await once(view, 'open');
    expect(view.protocol).toBe('mlx-manager');
    view.close();
  });

  it('opens for a browser that is logged in and for a program with the token', async () => {
    const cookie = await host.logIn();
    for (const headers of [
      { ...cookie, Origin: host.url },
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
    expect(await refusedStatus({ Cookie: cookie.Cookie, Origin: host.url })).toBe(401);
    expect(await refusedStatus({ Authorization: 'Bearer nonsense' })).toBe(401);
    expect(await refusedStatus({ ...cookie, Origin: 'https://evil.example' })).toBe(403);
    expect(await refusedStatus({ ...cookie, Origin: 'null' })).toBe(403);
    expect(await refusedStatus({ ...cookie, Origin: 'http://127.0.0.1:1' })).toBe(403);
    expect(await refusedStatus({ ...cookie, Host: 'evil.example' })).toBe(421);
    expect(await refusedStatus({ ...cookie, Host: own }, '/other')).toBe(404);
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
