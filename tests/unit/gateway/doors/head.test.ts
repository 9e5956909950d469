import { type Admission, admit, type Head } from '@gateway/doors/head';
import { LIMITS } from '@gateway/doors/limits';
import type { Place } from '@gateway/doors/origin';
import type { Doors } from '@shared/gateway/target';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aHead, AWAY, doors, HERE, NOON } from './a-head';

const enter = (head: Head, place: Place = HERE, who: Doors = doors()): Admission =>
  admit(head, place, who, NOON);
const statusOf = (admission: Admission): number | string =>
  admission.kind === 'refused' ? admission.refusal.status : admission.kind;

describe('an ordinary request', () => {
  it('comes in, with what is known of it', () => {
    const admission = enter(
      aHead({ 'User-Agent': 'OpenAI/Python 3.57.0', 'Sec-Fetch-Mode': 'cors' }),
    );
    expect(admission).toMatchObject({
      kind: 'admitted',
      route: { name: 'chat' },
      dialect: 'openai',
      key: undefined,
      isFromHere: true,
      bodyBytes: 2,
      expectsContinue: false,
      answerHeaders: {},
    });
  });

  it('may come in chunks, and wait for a word before its body', () => {
    const chunked = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
    expect(enter(aHead(chunked))).toMatchObject({ kind: 'admitted', bodyBytes: undefined });
    expect(enter(aHead({ Expect: '100-continue' }))).toMatchObject({ expectsContinue: true });
  });

  it('may offer HTTP/2, as HttpClient of Java does, and is answered without it', () => {
    const offer = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AA' };
    expect(statusOf(enter(aHead(offer)))).toBe('admitted');
  });
});

describe('a head that is not clear about its end', () => {
  it.each([
    ['two lengths', { 'Content-Length': ['2', '2'] }],
    ['two different lengths', { 'Content-Length': ['2', '40'] }],
    ['a list of lengths', { 'Content-Length': '2, 2' }],
    ['a signed length', { 'Content-Length': '+2' }],
    ['a negative length', { 'Content-Length': '-1' }],
    ['a length in hex', { 'Content-Length': '0x2' }],
    ['no number', { 'Content-Length': '' }],
    ['a length without end', { 'Content-Length': '9'.repeat(40) }],
    ['a length beside chunks', { 'Transfer-Encoding': 'chunked' }],
    ['chunks twice', { 'Content-Length': undefined, 'Transfer-Encoding': ['chunked', 'chunked'] }],
    ['two codings', { 'Content-Length': undefined, 'Transfer-Encoding': 'gzip, chunked' }],
    ['another coding', { 'Content-Length': undefined, 'Transfer-Encoding': 'identity' }],
    ['a hidden coding', { 'Content-Length': undefined, 'Transfer-Encoding': '\u000bchunked' }],
    ['two types', { 'Content-Type': ['application/json', 'text/plain'] }],
    ['two origins', { Origin: ['https://a.example', 'https://b.example'] }],
    ['two sites', { 'Sec-Fetch-Site': ['none', 'cross-site'] }],
  ])('is refused and its connection closed: %s', (_, headers) => {
    const admission = enter(aHead(headers), HERE, doors({ origins: ['https://a.example'] }));
    expect(admission).toMatchObject({
      kind: 'refused',
      refusal: { status: 400 },
      closes: true,
    });
  });

  it.each([
    'http://127.0.0.1:6590/v1/chat/completions',
    'http://evil.example/v1/chat/completions',
    'v1/chat/completions',
    '127.0.0.1:6590',
    '*',
    '',
    '/v1/chat completions',
    '/v1/chat/completions\u0000',
    '/v1/模',
  ])('is refused where the target is %j', (url) => {
    expect(statusOf(enter(aHead({}, { url })))).toBe(400);
  });
});

describe('a head that is too much', () => {
  it('is refused by the number of its headers and by their size', () => {
    const many = Object.fromEntries(
      Array.from({ length: LIMITS.headers }, (_, at) => [`x-${at}`, '']),
    );
    expect(enter(aHead(many))).toMatchObject({ refusal: { status: 431 }, closes: true });
    const large = aHead({ 'x-large': 'x'.repeat(LIMITS.headBytes) });
    expect(statusOf(enter(large))).toBe(431);
    const long = aHead({}, { url: `/v1/models/${'x'.repeat(LIMITS.targetBytes)}`, method: 'GET' });
    expect(statusOf(enter(long))).toBe(414);
  });

  it.each([
    [{ 'Content-Length': String(LIMITS.bodyBytes) }, 'admitted'],
    [{ 'Content-Length': String(LIMITS.bodyBytes + 1) }, 413],
    [{ 'Content-Length': undefined }, 411],
    [{ 'Content-Length': '0' }, 400],
    [{ 'Content-Encoding': 'identity' }, 'admitted'],
    [{ 'Content-Encoding': 'gzip' }, 415],
    [{ 'Content-Encoding': 'zstd' }, 415],
    [{ Expect: '200-ok' }, 417],
    [{ Connection: 'Upgrade', Upgrade: 'websocket' }, 400],
    [{ Connection: 'Upgrade', Upgrade: 'h2c, websocket' }, 400],
  ] as const)('%j is answered %s', (headers, status) => {
    expect(statusOf(enter(aHead(headers)))).toBe(status);
  });

  it('has no body where none is expected', () => {
    const get = { method: 'GET', url: '/v1/models' };
    expect(statusOf(enter(aHead({ 'Content-Length': '2' }, get)))).toBe(400);
    expect(statusOf(enter(aHead({ 'Transfer-Encoding': 'chunked' }, get)))).toBe(400);
    expect(statusOf(enter(aHead({ 'Content-Length': '0' }, get)))).toBe('admitted');
  });

  it('keeps its connection only where what follows is short', () => {
    const closes = (headers: Parameters<typeof aHead>[0]) =>
      enter(aHead({ Host: 'evil.example', ...headers }));
    expect(closes({})).toMatchObject({ closes: false });
    expect(closes({ 'Content-Length': '40000' })).toMatchObject({ closes: false });
    expect(closes({ 'Content-Length': '40000000' })).toMatchObject({ closes: true });
    const chunked = { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' };
    expect(closes(chunked)).toMatchObject({ closes: true });
  });
});

describe('where a request comes from', () => {
  const key = { id: 'k', hash: '00', name: 'K' };

  it.each([
    ['this machine', HERE, {}, true],
    ['this machine over IPv6', { ...HERE, localAddress: '::1', remoteAddress: '::1' }, {}, true],
    ['a mapped address', { ...HERE, remoteAddress: '::ffff:127.0.0.1' }, {}, true],
    ['a tunnel that sends our name', HERE, { 'X-Forwarded-For': '8.8.8.8' }, false],
    ['a proxy that says so', HERE, { Forwarded: 'for=8.8.8.8' }, false],
    ['a proxy with a name of its own', HERE, { Host: 'mac.example' }, false],
    ['another machine', AWAY, { Host: '192.168.1.5:6590' }, false],
    ['nobody knows where', { ...HERE, remoteAddress: undefined }, {}, false],
    ['a name that looks like loopback', { ...HERE, remoteAddress: '::ffff:8.8.8.8' }, {}, false],
  ] as const)('%s', (_, place, headers, isFromHere) => {
    const who = doors({ hosts: ['mac.example'] });
    const open = enter(aHead(headers), place, who);
    expect(statusOf(open)).toBe(isFromHere ? 'admitted' : 401);
    const health = enter(aHead(headers, { method: 'GET', url: '/health' }), place, who);
    expect(health).toMatchObject({ kind: 'admitted', isFromHere });
    const locked = enter(aHead(headers), place, { ...who, keys: [key], requireKey: true });
    expect(statusOf(locked)).toBe(401);
  });

  it.each([
    [AWAY, '192.168.1.5:6590', 401],
    [AWAY, '192.168.1.6:6590', 421],
    [{ ...AWAY, localAddress: '::ffff:192.168.1.5' }, '192.168.1.5:6590', 401],
    [{ ...AWAY, localAddress: 'fd00::5' }, '[fd00::5]:6590', 401],
    [{ ...AWAY, localAddress: 'fd00::5' }, 'fd00::5:6590', 421],
    [{ ...AWAY, localAddress: undefined }, 'undefined:6590', 421],
  ] as const)('at %j the Host %s is answered %s', (place, host, status) => {
    expect(statusOf(enter(aHead({ Host: host }), place))).toBe(status);
  });
});

describe('a page of an allowed origin', () => {
  const origin = 'https://chat.example.com';
  const who = doors({ origins: [origin] });
  const ask = {
    Origin: origin,
    'Sec-Fetch-Site': 'cross-site',
    'Access-Control-Request-Method': 'POST',
  };
  const options = { method: 'OPTIONS', url: '/v1/chat/completions' };

  it('is told what it may send, exactly', () => {
    const headers = { ...ask, 'Access-Control-Request-Headers': 'authorization, X-Stainless-OS' };
    expect(enter(aHead(headers, options), HERE, who)).toEqual({
      kind: 'preflight',
      answerHeaders: {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, x-stainless-os',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Private-Network',
      },
    });
  });

  it('reaches into the private network only where it asked to', () => {
    const asked = { ...ask, 'Access-Control-Request-Private-Network': 'true' };
    const allowed = enter(aHead(asked, options), HERE, who);
    expect(allowed.answerHeaders['access-control-allow-private-network']).toBe('true');
    expect(statusOf(enter(aHead(asked, options), HERE, doors()))).toBe(403);
  });

  it('is never one without an origin of its own, whatever the list says', () => {
    const all = doors({ origins: ['null', '*', ''] });
    for (const value of ['null', 'https://evil.example']) {
      expect(statusOf(enter(aHead({ ...ask, Origin: value }, options), HERE, all))).toBe(403);
    }
  });

  it('gets no header that is none', () => {
    const headers = { ...ask, 'Access-Control-Request-Headers': 'a b, *, x\u0000, x-ok' };
    const { answerHeaders } = enter(aHead(headers, options), HERE, who);
    expect(answerHeaders['access-control-allow-headers']).toBe('x-ok');
  });

  it('can read why it was refused', () => {
    const refused = enter(
      aHead({ Origin: origin, 'x-api-key': 'wrong' }, { method: 'GET', url: '/v1/nothing' }),
      HERE,
      who,
    );
    expect(refused).toMatchObject({
      refusal: { status: 404 },
      dialect: 'anthropic',
      answerHeaders: { 'access-control-allow-origin': origin, vary: 'Origin' },
    });
  });

  it('is told nothing for a path that does not exist, or without a question', () => {
    const unknown = { method: 'OPTIONS', url: '/v1/nothing' };
    expect(statusOf(enter(aHead(ask, unknown), HERE, who))).toBe(404);
    const noQuestion = { Origin: origin };
    expect(statusOf(enter(aHead(noQuestion, options), HERE, who))).toBe(405);
    expect(statusOf(enter(aHead({ ...ask, Origin: undefined }, options), HERE, who))).toBe(403);
  });
});

it('no head throws, and none comes in under a foreign name', () => {
  const name = fc.constantFrom(
    ...['Host', 'Origin', 'Content-Length', 'Transfer-Encoding', 'Authorization', 'x-api-key'],
    ...['Expect', 'Upgrade', 'Content-Type', '__proto__', 'constructor', ''],
  );
  const value = fc.oneof(
    fc.constantFrom('127.0.0.1:6590', 'evil.example', 'application/json', 'chunked', '2', 'Basic'),
    fc.string(),
  );
  const raw = fc.array(fc.tuple(name, value)).map((pairs) => pairs.flat());
  const url = fc.oneof(fc.constantFrom('/v1/chat/completions', '/v1/models'), fc.string());
  fc.assert(
    fc.property(
      raw,
      url,
      fc.constantFrom('GET', 'POST', 'OPTIONS'),
      (rawHeaders, target, method) => {
        const admission = enter({ method, url: target, rawHeaders });
        if (admission.kind !== 'admitted') return;
        const hosts = rawHeaders.filter(
          (_, at) => at % 2 === 1 && /^host$/i.test(rawHeaders[at - 1] ?? ''),
        );
        expect(hosts).toEqual(['127.0.0.1:6590']);
        expect(rawHeaders).not.toContain('Origin');
      },
    ),
    { numRuns: 2000 },
  );
});
