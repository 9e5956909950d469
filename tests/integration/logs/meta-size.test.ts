import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { systemClock } from '@core/ports/clock';
import {
  createLogHarness,
  type LogHarness,
  numbersIn,
  PROFILE,
  upTo,
  writeRead,
} from '@fixtures/log-harness';
import { afterEach, beforeEach, expect, it } from 'vitest';

let harness: LogHarness;
beforeEach(async () => {
  // Marks are set by the time that has passed: here each step of the test is long enough for one.
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() * 1000 };
  harness = await createLogHarness({ fileBytes: 20_000, filesKept: 3 }, clock);
});
afterEach(() => harness.close());

const metaBytes = async (): Promise<number> =>
  (await stat(join(harness.home.paths.logs, PROFILE, '1.meta.jsonl'))).size;

it('what is known of a run is bounded by what is kept of it, and reads as before', async () => {
  const log = await harness.logs.openRun(PROFILE);
  const sizes: number[] = [];
  for (let from = 0; from < 6000; from += 1000) {
    log.note(`before line ${from}`);
    await writeRead(harness, log, from, from + 1000);
    sizes.push(await metaBytes());
  }
  const [first = 0] = sizes;
  for (const size of sizes) expect(size).toBeLessThan(first * 2);
  expect(log.meta.marks.length).toBeLessThan(150);
  const live = await harness.all();
  const oldest = numbersIn(live.lines)[0] ?? 0;
  expect(oldest).toBeGreaterThan(5000 - 20_000 / 60);
  expect(numbersIn(live.lines)).toEqual(upTo(6000, oldest));
  expect(live.lines.at(-1)?.n).toBe(6005);

  // A next manager goes on from what is left of it.
  await harness.restart();
  const again = await harness.logs.resumeRun(PROFILE, 1);
  expect((await harness.all()).lines).toEqual(live.lines);
  await writeRead(harness, again, 6000, 6100);
  await again.end('stopped', 'stopped');
  await harness.restart();
  const { lines, run } = await harness.all();
  expect(numbersIn(lines)).toEqual(upTo(6100, numbersIn(lines)[0] ?? 0));
  expect(run).toMatchObject({ endLine: 6106, outcome: 'stopped' });
  expect(lines.at(-1)?.n).toBe(6105);
});
