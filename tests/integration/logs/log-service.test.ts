import { copyFile, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { systemClock } from '@core/ports/clock';
import type { Clock } from '@core/ports';
import {
  createLogHarness,
  type LogHarness,
  numbered,
  numbersIn,
  PROFILE,
  upTo,
  writeRead,
} from '@fixtures/log-harness';
import type { LogLine } from '@shared/domain/log';

const FILE_BYTES = 10_000;
/** About 60 bytes each: more than thirty files of them. */
const MANY = 6000;

/** Time stands still: the times of lines are written down as seldom as they ever are. */
const standing = (): Clock => ({ ...systemClock, monotonic: () => 0 });
/** Time flies: they are written down at every read. */
const flying = (): Clock => {
  let now = 0;
  return { ...systemClock, monotonic: () => (now += 60) };
};
const CLOCKS = { standing, flying } as const;
const TIMES = ['standing', 'flying'] as const;

let harness: LogHarness | undefined;
afterEach(async () => {
  await harness?.close();
  harness = undefined;
});

async function open(filesKept: number, time: keyof typeof CLOCKS): Promise<LogHarness> {
  harness = await createLogHarness({ fileBytes: FILE_BYTES, filesKept }, CLOCKS[time]());
  return harness;
}

/** One test in each time. */
function inTime(
  title: string,
  filesKept: number,
  test: (world: LogHarness) => Promise<void>,
): void {
  for (const time of TIMES) {
    it(`${title}, time ${time}`, async () => test(await open(filesKept, time)));
  }
}

/** The numbers of the lines themselves, which have no gap and no double. */
const ns = (lines: readonly LogLine[]): number[] => lines.map(({ n }) => n);

describe('rotation', () => {
  inTime('loses no line, doubles none and keeps their order', 1000, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    await writeRead(world, log, 0, MANY);
    const live = await world.all();
    expect(numbersIn(live.lines)).toEqual(upTo(MANY));
    expect(ns(live.lines)).toEqual(upTo(MANY));
    expect(Object.keys(await world.files()).length).toBeGreaterThan(30);
    await log.end('stopped', 'stopped');
    await world.restart();
    const stored = await world.all();
    expect(numbersIn(stored.lines)).toEqual(upTo(MANY));
    expect(stored.run).toMatchObject({ run: 1, firstLine: 0, endLine: MANY, outcome: 'stopped' });
  });

  inTime('cuts within a line without cutting the line', 1000, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    const text = numbered(0, 2000);
    for (let at = 0; at < text.length; at += 777) {
      await world.write(log.run, text.slice(at, at + 777));
      await log.flush();
    }
    await log.end('stopped', 'stopped');
    expect(numbersIn((await world.all()).lines)).toEqual(upTo(2000));
  });

  inTime(
    'numbers the files of a run from 1, the one that is written into has none',
    1000,
    async (world) => {
      const log = await world.logs.openRun(PROFILE);
      await writeRead(world, log, 0, 1000);
      const names = Object.keys(await world.files()).filter((name) => name !== '1.log');
      expect(names.sort(byPiece)).toEqual(names.map((_, index) => `1.${index + 1}.log`));
      const first = await readFile(join(world.home.paths.logs, PROFILE, '1.1.log'), 'utf8');
      expect(first.startsWith('line 0 ')).toBe(true);
      await log.end('stopped', 'stopped');
      const second = await world.logs.openRun(PROFILE);
      expect(second.run).toBe(2);
      expect(Object.keys(await world.files())).toContain('2.log');
      await second.end('exit 1', 'failed');
      const runs = await world.logs.runs(PROFILE);
      expect(runs.map(({ run, outcome }) => [run, outcome])).toEqual([
        [2, 'failed'],
        [1, 'stopped'],
      ]);
    },
  );

  inTime('keeps notes of the manager in their places', 1000, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    for (const [from, to] of [
      [0, 150],
      [150, 155],
      [155, 600],
    ] as const) {
      log.note(`before ${from}`);
      await writeRead(world, log, from, to);
    }
    log.note('at the end');
    await log.end('stopped', 'stopped');
    await world.restart();
    const { lines } = await world.all();
    expect(ns(lines)).toEqual(upTo(604));
    const order = lines.map(({ source, text }) =>
      source === 'manager' ? text : text.split(' ')[1],
    );
    expect(order[0]).toBe('before 0');
    expect(order.slice(150, 153)).toEqual(['149', 'before 150', '150']);
    expect(order.slice(156, 159)).toEqual(['154', 'before 155', '155']);
    expect(order.slice(-2)).toEqual(['599', 'at the end']);
  });
});

describe('the limit of all files', () => {
  inTime('is kept within a run, and what is left has no gap', 3, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    await writeRead(world, log, 0, MANY);
    const files = await world.files();
    expect(Object.keys(files)).toHaveLength(3);
    // A file may exceed its size by what one read found.
    expect(sum(files)).toBeLessThan(3 * (FILE_BYTES + 20 * 64));
    expect(await world.logs.usage()).toMatchObject({ count: 3 });
    const { run, lines } = await world.all();
    const kept = numbersIn(lines);
    expect(kept.length).toBeGreaterThan(200);
    expect(kept).toEqual(upTo(MANY, kept[0]));
    expect(ns(lines)).toEqual(kept);
    expect(run).toMatchObject({ firstLine: kept[0], endLine: MANY });
    await log.end('stopped', 'stopped');
    await world.restart();
    expect((await world.all()).run).toMatchObject({ firstLine: kept[0], endLine: MANY });
  });

  inTime(
    'is kept over all runs: the oldest goes first, and is no longer listed',
    3,
    async (world) => {
      for (let run = 1; run <= 5; run++) {
        const log = await world.logs.openRun(PROFILE);
        await writeRead(world, log, 0, 50);
        await log.end('stopped', 'stopped');
      }
      expect(Object.keys(await world.files())).toEqual(['3.log', '4.log', '5.log']);
      expect((await world.logs.runs(PROFILE)).map(({ run }) => run)).toEqual([5, 4, 3]);
      await expect(
        world.logs.read({ profileId: PROFILE, run: 1, from: 0, limit: 10 }),
      ).rejects.toMatchObject({ code: 'not_found', message: expect.stringMatching(/run 1.*3/) });
      expect(numbersIn((await world.all(3)).lines)).toEqual(upTo(50));
      await world.restart();
      expect((await world.logs.openRun(PROFILE)).run).toBe(6);
    },
  );

  inTime('of one file keeps the newest lines', 1, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    await writeRead(world, log, 0, 1000);
    expect(Object.keys(await world.files())).toEqual(['1.log']);
    const { lines } = await world.all();
    const kept = numbersIn(lines);
    expect(kept).toEqual(upTo(1000, kept[0]));
    expect(ns(lines)).toEqual(kept);
  });
});

describe('a manager that begins again', () => {
  inTime('goes on with the same run', 1000, async (world) => {
    const first = await world.logs.openRun(PROFILE);
    first.note('begins');
    await writeRead(world, first, 0, 10);
    first.note('ready');
    await writeRead(world, first, 10, 30);
    await world.restart();
    await world.write(1, numbered(30, 60));
    const again = await world.logs.resumeRun(PROFILE, 1);
    expect(again.run).toBe(1);
    again.note('taken over');
    await writeRead(world, again, 60, 90);
    expect(again.endLine).toBe(93);
    const live = await world.all();
    await again.end('stopped', 'stopped');
    await world.restart();
    for (const { run, lines } of [live, await world.all()]) {
      expect(numbersIn(lines)).toEqual(upTo(90));
      expect(ns(lines)).toEqual(upTo(93));
      const notes = lines.filter(({ source }) => source === 'manager');
      expect(notes.map(({ n, text }) => [n, text])).toEqual([
        [0, 'begins'],
        [11, 'ready'],
        [62, 'taken over'],
      ]);
      expect(run).toMatchObject({ run: 1, endLine: 93 });
    }
  });

  inTime('goes on within the line that was being written', 1000, async (world) => {
    const first = await world.logs.openRun(PROFILE);
    const text = numbered(0, 3);
    await world.write(1, text.slice(0, -20));
    await first.flush();
    await world.restart();
    const again = await world.logs.resumeRun(PROFILE, 1);
    await world.write(1, text.slice(-20));
    await again.flush();
    await again.end('stopped', 'stopped');
    expect(numbersIn((await world.all()).lines)).toEqual(upTo(3));
    expect((await world.all()).run).toMatchObject({ endLine: 3 });
  });

  inTime('goes on over rotations before, between and after', 1000, async (world) => {
    const first = await world.logs.openRun(PROFILE);
    await writeRead(world, first, 0, 1000);
    await world.restart();
    await world.write(1, numbered(1000, 2000));
    const again = await world.logs.resumeRun(PROFILE, 1);
    await writeRead(world, again, 2000, 3000);
    expect(again.endLine).toBe(3000);
    await again.end('stopped', 'stopped');
    await world.restart();
    const { lines, run } = await world.all();
    expect(numbersIn(lines)).toEqual(upTo(3000));
    expect(ns(lines)).toEqual(upTo(3000));
    expect(run).toMatchObject({ firstLine: 0, endLine: 3000 });
  });

  inTime('goes on where its notes were cut off by a crash', 1000, async (world) => {
    const first = await world.logs.openRun(PROFILE);
    await writeRead(world, first, 0, 500);
    await world.restart();
    const meta = join(world.home.paths.logs, PROFILE, '1.meta.jsonl');
    await truncate(meta, (await readFile(meta)).length - 7);
    const again = await world.logs.resumeRun(PROFILE, 1);
    again.note('taken over');
    await writeRead(world, again, 500, 600);
    await world.restart();
    const { lines } = await world.all();
    expect(numbersIn(lines)).toEqual(upTo(600));
    expect(ns(lines)).toEqual(upTo(601));
    expect(lines[500]).toMatchObject({ source: 'manager', text: 'taken over' });
  });

  describe.each([
    ['before the file was cut', false],
    ['after the file was cut', true],
  ])('a manager that died in a rotation %s', (_, wasCut) => {
    inTime('loses and doubles nothing', 1000, async (world) => {
      const first = await world.logs.openRun(PROFILE);
      await writeRead(world, first, 0, 40);
      await world.logs.close();
      const file = join(world.home.paths.logs, PROFILE, '1.log');
      await copyFile(file, file.replace('.log', '.1.log'));
      if (wasCut) await truncate(file, 0);
      await world.write(1, numbered(40, 60));
      await world.restart();
      const again = await world.logs.resumeRun(PROFILE, 1);
      await writeRead(world, again, 60, 300);
      const { lines } = await world.all();
      expect(numbersIn(lines)).toEqual(upTo(300));
      expect(ns(lines)).toEqual(upTo(300));
    });
  });

  it('tells nothing twice that an earlier one had told', async () => {
    const world = await open(1000, 'standing');
    const first = await world.logs.openRun(PROFILE);
    await writeRead(world, first, 0, 40);
    await world.restart();
    const again = await world.logs.resumeRun(PROFILE, 1);
    const told: LogLine[] = [];
    again.onLines((lines) => told.push(...lines));
    await writeRead(world, again, 40, 50);
    expect(numbersIn(told)).toEqual(upTo(50, 40));
    expect(again.lastLine()).toMatch(/^line 49 /);
  });

  inTime('says of a run that nobody goes on with that the manager ended', 1000, async (world) => {
    const first = await world.logs.openRun(PROFILE);
    await writeRead(world, first, 0, 10);
    const logs = await world.restart();
    expect(await logs.runs(PROFILE)).toMatchObject([
      { run: 1, ended: 'the manager ended', outcome: 'stopped', endLine: 10 },
    ]);
    expect((await logs.openRun(PROFILE)).run).toBe(2);
  });
});

function byPiece(a: string, b: string): number {
  return Number(a.split('.')[1]) - Number(b.split('.')[1]);
}

function sum(files: Readonly<Record<string, number>>): number {
  return Object.values(files).reduce((total, size) => total + size, 0);
}

describe('the newest lines', () => {
  inTime('from memory are those of the files, notes in their places', 1000, async (world) => {
    const log = await world.logs.openRun(PROFILE);
    await writeRead(world, log, 0, MANY);
    log.note('In between.');
    await writeRead(world, log, MANY, MANY + 20);
    for (const count of [1, 5, 21, 22, 60, 200]) {
      const { run, lines } = await world.logs.read({
        profileId: PROFILE,
        from: -count,
        limit: count,
      });
      const end = run?.endLine ?? 0;
      // A page with another end is read from the files.
      const stored = await world.logs.read({ profileId: PROFILE, from: end - count, limit: count });
      const bare = ({ n, source, text }: LogLine) => ({ n, source, text });
      expect(lines.map(bare)).toEqual(stored.lines.map(bare));
      expect(lines).toHaveLength(count);
    }
  });
});
