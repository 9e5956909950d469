import { Background } from '@core/ports/background';
import { Deadline } from '@core/ports/deadline';
import { createManualClock } from '@fixtures/manual-clock';
import { recordingLogger } from '@fixtures/recording-logger';
import { describe, expect, it } from 'vitest';

function setUp() {
  const clock = createManualClock();
  const { logger, lines } = recordingLogger();
  return { clock, lines, background: new Background(logger), soon: Deadline.in(clock, 1000) };
}

/** A loop that ends only by its signal. */
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

describe('background work', () => {
  it('is named while it runs, is ended by its signal, and is waited for', async () => {
    const { background, soon, lines } = setUp();
    const ended: string[] = [];
    background.run('watch A', (signal) => untilAborted(signal).then(() => void ended.push('A')));
    background.run('watch B', (signal) => untilAborted(signal).then(() => void ended.push('B')));
    expect(background.running).toEqual(['watch A', 'watch B']);
    expect(await background.stop(soon)).toEqual([]);
    expect(ended).toEqual(['A', 'B']);
    expect(background.running).toEqual([]);
    expect(lines).toEqual([]);
  });

  it.each([
    ['later', () => Promise.reject(new Error('the disk is gone'))],
    [
      'at once',
      () => {
        throw new Error('the disk is gone');
      },
    ],
  ])("that fails %s is logged under its name, and is nobody else's end", async (_, work) => {
    const { background, lines } = setUp();
    background.run('sweep', work);
    background.run('watch', untilAborted);
    await Promise.resolve();
    await new Promise(setImmediate);
    expect(background.running).toEqual(['watch']);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('error');
    expect(lines[0]).toContain('sweep');
    expect(lines[0]).toContain('the disk is gone');
  });

  it('that does not end is named, and nobody waits for it longer than the deadline', async () => {
    const { background, clock, soon, lines } = setUp();
    background.run('deaf', () => new Promise(() => undefined));
    const stopped = background.stop(soon);
    clock.advance(1000);
    expect(await stopped).toEqual(['deaf']);
    expect(lines.join()).toContain('deaf');
  });

  it('that was broken off by the stop has not failed', async () => {
    const { background, soon, lines } = setUp();
    background.run('fetch', async (signal) => {
      await untilAborted(signal);
      signal.throwIfAborted();
    });
    expect(await background.stop(soon)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('is not begun after the stop', async () => {
    const { background, soon } = setUp();
    await background.stop(soon);
    let began = false;
    background.run('late', async () => {
      began = true;
    });
    expect(began).toBe(false);
  });

  it('settles when what was begun meanwhile has ended too', async () => {
    const { background } = setUp();
    const order: string[] = [];
    background.run('first', async () => {
      await Promise.resolve();
      background.run('second', async () => {
        await new Promise(setImmediate);
        order.push('second');
      });
    });
    await background.settled();
    expect(order).toEqual(['second']);
  });
});
