import { answerToBroken, LIMITS, serverOptions, tooLarge, UnderWay } from '@gateway/doors/limits';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('requests under way', () => {
  const limits = { ...LIMITS, requests: 3, requestsOfClient: 2, bodyBytesInAll: 100 };

  it('are limited for each client and in all', () => {
    const underWay = new UnderWay(limits);
    expect([underWay.enter('a'), underWay.enter('a')]).toEqual([undefined, undefined]);
    expect(underWay.enter('a')).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(underWay.enter('b')).toBeUndefined();
    expect(underWay.enter('c')).toMatchObject({ status: 503, retryAfterSeconds: 2 });
    underWay.leave('a');
    expect(underWay.enter('c')).toBeUndefined();
  });

  it('hold only so many bytes of bodies', () => {
    const underWay = new UnderWay(limits);
    expect(underWay.reserve(60)).toBeUndefined();
    expect(underWay.reserve(41)).toMatchObject({ status: 503 });
    underWay.release(60);
    expect(underWay.reserve(100)).toBeUndefined();
  });

  it('are none when all are gone, in whichever order they came and went', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', '__proto__'), fc.boolean());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const underWay = new UnderWay(limits);
        const inside: string[] = [];
        for (const [client, comes] of steps) {
          if (comes && underWay.enter(client) === undefined) inside.push(client);
          else if (!comes && inside.includes(client)) {
            inside.splice(inside.indexOf(client), 1);
            underWay.leave(client);
          }
          expect(underWay.requests).toBe(inside.length);
        }
        for (const client of inside) underWay.leave(client);
        expect(underWay.requests).toBe(0);
      }),
    );
  });
});

describe('what never became a request', () => {
  it.each([
    ['HPE_HEADER_OVERFLOW', 431],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408],
    ['HPE_INVALID_METHOD', 400],
    ['__proto__', 400],
    [undefined, 400],
  ])('%s is answered %s and closed', (code, status) => {
    const [head = '', body = ''] = (answerToBroken(code) ?? '').split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Connection: close');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(/\.$/) },
    });
  });

  it('is not answered where nobody listens', () => {
    expect(answerToBroken('ECONNRESET')).toBeUndefined();
  });
});

it('the server keeps the times and sizes of the table', () => {
  expect(serverOptions()).toMatchObject({
    maxHeaderSize: LIMITS.headBytes,
    headersTimeout: LIMITS.headMs,
    requestTimeout: LIMITS.requestMs,
    keepAliveTimeout: LIMITS.idleMs,
    insecureHTTPParser: false,
  });
  expect(LIMITS.headMs).toBeLessThan(LIMITS.requestMs);
  expect(tooLarge(LIMITS.bodyBytes).message).toContain('at most 64 MiB.');
});
