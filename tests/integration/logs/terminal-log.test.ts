import { systemClock } from '@core/ports/clock';
import { createLogHarness, type LogHarness, PROFILE } from '@fixtures/log-harness';
import type { LogLine } from '@shared/domain/log';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';

let world: LogHarness | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(fileBytes = 1_000_000): Promise<LogHarness> {
  world = await createLogHarness({ fileBytes, filesKept: 1000 });
  return world;
}

const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);
const newest = async ({ logs }: LogHarness, count = 100): Promise<LogLine[]> =>
  (await logs.read({ profileId: PROFILE, from: -count, limit: count })).lines;

/** As tqdm draws a bar at a position: down, over the line, and up again. */
const bar = (position: number, text: string): string =>
  `${'\n'.repeat(position)}\r${text}${'\x1b[A'.repeat(position)}`;

describe('a line that is still being written', () => {
  it('is seen in its newest state, as one line', async () => {
    const home = await open();
    const log = await home.logs.openRun(PROFILE);
    const told: LogLine[] = [];
    log.onLines((lines) => told.push(...lines));
    await home.write(1, 'Fetching\n');
    for (let percent = 0; percent <= 100; percent += 20) {
      await home.write(1, `\r${percent}% of the weights`);
      await log.flush();
      expect(log.lastLine()).toBe(`${percent}% of the weights`);
      expect((await newest(home)).map(({ n, text, open: isOpen }) => [n, text, isOpen])).toEqual([
        [0, 'Fetching', undefined],
        [1, `${percent}% of the weights`, true],
      ]);
      // Read from the file, as a page in the middle of a run is.
      const stored = await home.logs.read({ profileId: PROFILE, from: 0, limit: 5 });
      expect(texts(stored.lines)).toEqual(['Fetching', `${percent}% of the weights`]);
    }
    await home.write(1, '\nReady');
    await log.end('stopped', 'stopped');
    expect(told.at(-1)).toMatchObject({ n: 2, text: 'Ready' });
    expect(told.filter(({ n }) => n === 1).at(-1)).toMatchObject({ text: '100% of the weights' });
    for (const line of [1, 2]) {
      const last = told.findLast(({ n }) => n === line);
      expect(last?.open).toBeUndefined();
    }
    await home.restart();
    expect((await newest(home)).map(({ n, text, open: isOpen }) => [n, text, isOpen])).toEqual([
      [0, 'Fetching', undefined],
      [1, '100% of the weights', undefined],
      [2, 'Ready', undefined],
    ]);
  });

  it('may be drawn again for longer than any line is long, and in several bars', async () => {
    const home = await open();
    const log = await home.logs.openRun(PROFILE);
    for (let step = 0; step < 2000; step++) {
      await home.write(1, bar(0, `first ${step}`) + bar(1, `second ${step}`));
      if (step % 100 === 0) await log.flush();
    }
    await log.flush();
    expect(texts(await newest(home))).toEqual(['first 1999', 'second 1999']);
    expect(log.endLine).toBe(2);
    await home.write(1, '\n\nafter\n');
    await log.flush();
    expect(texts(await newest(home))).toEqual(['first 1999', 'second 1999', 'after']);
    expect(texts((await home.all()).lines)).toEqual(['first 1999', 'second 1999', 'after']);
  });

  it('keeps its number when the manager writes in between', async () => {
    const home = await open();
    const log = await home.logs.openRun(PROFILE);
    await home.write(1, '10%');
    await log.flush();
    log.note('Still loading.');
    await home.write(1, '\r20%\nloaded\n');
    await log.flush();
    const expected = [
      [0, 'engine', '20%'],
      [1, 'manager', 'Still loading.'],
      [2, 'engine', 'loaded'],
    ];
    const bare = ({ n, source, text }: LogLine) => [n, source, text];
    expect((await newest(home)).map(bare)).toEqual(expected);
    expect((await home.all()).lines.map(bare)).toEqual(expected);
    await log.end('stopped', 'stopped');
    await home.restart();
    expect((await home.all()).lines.map(bare)).toEqual(expected);
  });

  it('is drawn on by the engine while a manager ends and another goes on', async () => {
    const home = await open();
    const first = await home.logs.openRun(PROFILE);
    await home.write(1, `begin\n${bar(0, 'a 1')}${bar(1, 'b 1')}`);
    await first.flush();
    await home.restart();
    await home.write(1, bar(0, 'a 2') + bar(1, 'b 2'));
    const again = await home.logs.resumeRun(PROFILE, 1);
    expect(again.lastLine()).toBe('b 2');
    await home.write(1, bar(0, 'a 3') + bar(1, 'b 3'));
    await again.flush();
    expect(again.endLine).toBe(3);
    expect(texts(await newest(home))).toEqual(['begin', 'a 3', 'b 3']);
    expect(texts((await home.all()).lines)).toEqual(['begin', 'a 3', 'b 3']);
  });
});

describe('whatever an engine writes', () => {
  const piece = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('text', 'Ein Text', '漢字', '🙂', ' ', 'x'.repeat(300)),
    },
    { weight: 5, arbitrary: fc.constantFrom('\n', '\n', '\n\n', '\r\n', '\r', '\r10%', '\b') },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        '\x1b[A',
        '\x1b[2A',
        '\x1b[B',
        '\x1b[K',
        '\x1b[2K',
        '\x1b[J',
        '\x1b[31m',
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom('\x1b', '\x1b]0;t\x07', '\x00', '\xff', '\x1b[9;9') },
    { weight: 1, arbitrary: fc.constantFrom('"GET ///health HTTP/1.1" 200 -\n', '\n'.repeat(60)) },
  );
  const step = fc.oneof(
    { weight: 12, arbitrary: fc.array(piece, { maxLength: 12 }).map((all) => all.join('')) },
    { weight: 2, arbitrary: fc.constant({ note: true } as const) },
    { weight: 1, arbitrary: fc.constant({ restart: true } as const) },
  );

  it('has the same lines with the same numbers in memory, in every page, and for the next manager', async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        // A small limit, so that the run is rotated within lines and between bars.
        const home = await createLogHarness({ fileBytes: 700, filesKept: 1000 }, systemClock);
        try {
          let log = await home.logs.openRun(PROFILE);
          const live = new Map<number, LogLine>();
          const listen = () =>
            log.onLines((lines) => {
              for (const line of lines) live.set(line.n, line);
            });
          listen();
          for (const one of steps) {
            if (typeof one === 'string') {
              await home.write(1, one);
              await log.flush();
            } else if ('note' in one) log.note('a note');
            else {
              await home.restart();
              log = await home.logs.resumeRun(PROFILE, 1);
              listen();
            }
          }
          await log.flush();
          const bare = ({ n, source, text }: LogLine) => `${n} ${source} ${text}`;
          const whole = (await home.all()).lines;
          expect(whole.map(({ n }) => n)).toEqual(Array.from(whole, (_, n) => n));
          expect(whole.length).toBe(log.endLine);
          const told = [...live.values()].sort((a, b) => a.n - b.n);
          // Every line has been told, but for those that came between two managers.
          for (const line of told) expect(bare(whole[line.n] as LogLine)).toBe(bare(line));
          const held = log.held(log.firstHeld ?? 0, 5000) ?? [];
          expect(held.map(bare)).toEqual(
            held.length === 0 ? [] : whole.slice(-held.length).map(bare),
          );
          for (let from = 0; from < whole.length; from += 7) {
            const page = await home.logs.read({ profileId: PROFILE, from, limit: 9 });
            expect(page.lines.map(bare)).toEqual(whole.slice(from, from + 9).map(bare));
          }
          await log.end('stopped', 'stopped');
          await home.restart();
          expect((await home.all()).lines.map(bare)).toEqual(whole.map(bare));
          expect((await home.all()).run?.endLine).toBe(whole.length);
          runs += 1;
        } finally {
          await home.close();
        }
      }),
      { numRuns: 30 },
    );
    expect(runs).toBeGreaterThan(0);
  }, 120_000);
});

describe('the end of a run', () => {
  it('does not wait for an engine that goes on writing, and nothing is lost', async () => {
    const home = await open(1e12);
    const log = await home.logs.openRun(PROFILE);
    const line = `${'many words '.repeat(745)}\n`;
    const block = line.repeat(128);
    // Colors and returns: what costs the most to read.
    const costly = block.replaceAll('many', '\x1b[31mmany\x1b[0m\rm');
    let blocks = 0;
    let isWriting = true;
    const writing = (async () => {
      for (; isWriting; blocks++) await home.write(1, costly);
    })();
    await expect.poll(() => log.endLine).toBeGreaterThan(0);
    const began = performance.now();
    await log.end('stopped', 'stopped');
    expect(performance.now() - began).toBeLessThan(20_000);
    isWriting = false;
    await writing;
    await home.restart();
    expect(await home.logs.runs(PROFILE)).toMatchObject([{ run: 1, endLine: blocks * 128 }]);
    const last = await newest(home, 1);
    expect(last).toMatchObject([{ n: blocks * 128 - 1, source: 'engine' }]);
  });
});
