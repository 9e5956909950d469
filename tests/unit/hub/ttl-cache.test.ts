import { TtlCache } from '@core/hub/ttl-cache';
import { createManualClock } from '@fixtures/manual-clock';
import { expect, it } from 'vitest';

function setUp() {
  const clock = createManualClock();
  const cache = new TtlCache<string>(clock, 2, 1000);
  const asked: { signal: AbortSignal; answer: (text: string) => void }[] = [];
  const ask = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      asked.push({ signal, answer: resolve });
      signal.addEventListener('abort', () => reject(new Error('broken off')));
    });
  return { clock, cache, asked, ask };
}

it('asks once for all who want the same, and again when the answer is old', async () => {
  const { clock, cache, asked, ask } = setUp();
  const both = [cache.get('a', ask), cache.get('a', ask)];
  asked[0]?.answer('one');
  expect(await Promise.all(both)).toEqual(['one', 'one']);
  expect(await cache.get('a', ask)).toBe('one');
  clock.advance(1000);
  const later = cache.get('a', ask);
  asked[1]?.answer('two');
  expect(await later).toBe('two');
});

it('one who waits no more leaves the others theirs', async () => {
  const { cache, asked, ask } = setUp();
  const stop = new AbortController();
  const first = cache.get('a', ask, stop.signal);
  const second = cache.get('a', ask);
  stop.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect(asked[0]?.signal.aborted).toBe(false);
  asked[0]?.answer('one');
  expect(await second).toBe('one');
});

it('where nobody waits any more it is broken off, and who asks next asks anew', async () => {
  const { cache, asked, ask } = setUp();
  const stop = new AbortController();
  const first = cache.get('a', ask, stop.signal);
  stop.abort(new Error('enough'));
  const second = cache.get('a', ask);
  await expect(first).rejects.toThrow('enough');
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  asked[1]?.answer('two');
  expect(await second).toBe('two');
});

it('a failure is not kept', async () => {
  const { cache } = setUp();
  await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await cache.get('a', async () => 'yes')).toBe('yes');
});
