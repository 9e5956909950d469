import { expect, it } from 'vitest';

import { MAX_FRAME_BYTES, type ResponseFrame } from '@shared/rpc/frames';
import { PageRequests } from '@shell/page-requests';

const ok = (id: number): ResponseFrame => ({ id, ok: true, result: null });

it('a frame over the limit, or one that JSON has no words for, is refused without being looked at', async () => {
  const requests = new PageRequests();
  const never = (): Promise<ResponseFrame> => Promise.reject(new Error('It was looked at.'));
  const large = { id: 7, method: 'hub.search', params: { query: 'ü'.repeat(MAX_FRAME_BYTES / 2) } };
  expect(await requests.answer(large, never)).toMatchObject({
    id: 7,
    error: { code: 'bad_frame' },
  });
  const circle: { id: number; self?: unknown } = { id: 8 };
  circle.self = circle;
  for (const frame of [circle, { id: 8, params: 1n }]) {
    expect(await requests.answer(frame, never)).toMatchObject({ error: { code: 'bad_frame' } });
  }
});

it('a page that floods has a few requests under way, a thousand waiting, and the rest refused', async () => {
  const requests = new PageRequests();
  const gate = Promise.withResolvers<void>();
  let underWay = 0;
  let most = 0;
  const slow = (id: number) => async (): Promise<ResponseFrame> => {
    underWay += 1;
    most = Math.max(most, underWay);
    await gate.promise;
    underWay -= 1;
    return ok(id);
  };
  const answers = Array.from({ length: 1500 }, (_, id) => requests.answer({ id }, slow(id)));
  const refused = await Promise.all(answers.slice(1000));
  expect(refused.every((one) => !one.ok && one.error.code === 'rate_limited')).toBe(true);
  gate.resolve();
  const answered = await Promise.all(answers.slice(0, 1000));
  expect(answered.map((one) => one.ok && one.id)).toEqual(answered.map((_, id) => id));
  expect(most).toBe(32);
  expect(await requests.answer({ id: 1 }, async () => ok(1))).toEqual(ok(1));
});

it('an error is that of its own request alone', async () => {
  const requests = new PageRequests();
  await expect(requests.answer({ id: 1 }, () => Promise.reject(new Error('x')))).rejects.toThrow(
    'x',
  );
  expect(await requests.answer({ id: 2 }, async () => ok(2))).toEqual(ok(2));
});
