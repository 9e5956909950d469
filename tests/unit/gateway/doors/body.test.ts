import { PassThrough } from 'node:stream';

import { readBody } from '@gateway/doors/body';
import { LIMITS, UnderWay } from '@gateway/doors/limits';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const limits = { ...LIMITS, bodyBytes: 100, bodyBytesInAll: 150, bodyStallMs: 60_000 };

function start(change: Partial<typeof limits> = {}, underWay = new UnderWay(limits)) {
  const stream = new PassThrough();
  return { stream, underWay, body: readBody(stream, underWay, { ...limits, ...change }) };
}

describe('a body', () => {
  it('is the same in however many pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 10 }),
        async (parts) => {
          const { stream, underWay, body } = start();
          for (const part of parts) stream.write(part);
          stream.end();
          const whole = Buffer.concat(parts);
          const { bytes, release } = await body;
          expect(bytes.equals(whole)).toBe(true);
          expect(underWay.bodyBytes).toBe(whole.length);
          release();
          release();
          expect(underWay.bodyBytes).toBe(0);
        },
      ),
    );
  });

  it('may be as large as the limit and no larger', async () => {
    const full = start();
    full.stream.end(Buffer.alloc(100));
    expect((await full.body).bytes).toHaveLength(100);
    const more = start();
    more.stream.write(Buffer.alloc(60));
    more.stream.write(Buffer.alloc(41));
    await expect(more.body).rejects.toMatchObject({ refusal: { status: 413 } });
    expect(more.underWay.bodyBytes).toBe(0);
    more.stream.destroy(new Error('The client went away afterwards.'));
  });

  it('is refused where all together would be too much, and leaves the others alone', async () => {
    const first = start();
    first.stream.end(Buffer.alloc(100));
    const { release } = await first.body;
    const second = start({}, first.underWay);
    second.stream.end(Buffer.alloc(51));
    await expect(second.body).rejects.toMatchObject({ refusal: { status: 503 } });
    expect(first.underWay.bodyBytes).toBe(100);
    release();
    expect(first.underWay.bodyBytes).toBe(0);
  });

  it('that stalls is given up', async () => {
    const { stream, underWay, body } = start({ bodyStallMs: 20 });
    stream.write('{"model"');
    await expect(body).rejects.toMatchObject({ refusal: { status: 408 } });
    expect(underWay.bodyBytes).toBe(0);
  });

  it.each([undefined, new Error('ECONNRESET')])('that is cut off is none: %s', async (error) => {
    const { stream, underWay, body } = start();
    stream.write('{"model"');
    stream.destroy(error);
    await expect(body).rejects.toMatchObject({ refusal: { status: 400 } });
    expect(underWay.bodyBytes).toBe(0);
  });
});
