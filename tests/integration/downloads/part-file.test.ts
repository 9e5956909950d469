import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { PartFile } from '@core/downloads/part-file';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SIZE = 400_000;

let home: TempHome;
let file: string;
beforeEach(async () => {
  home = await createTempHome();
  file = join(home.folder, 'part');
});
afterEach(() => home.close());

const open = (): Promise<PartFile> => PartFile.open(file, SIZE, `${file}.ranges`, 'boot');

test('what is written while it is being emptied is there afterwards, and counts', async () => {
  const right = Buffer.alloc(SIZE, 'right');
  for (let round = 0; round < 20; round++) {
    const part = await open();
    const early = part.write(0, [Buffer.alloc(SIZE, 'wrong')]);
    const emptied = part.empty();
    // A request of before the new beginning is over; one of afterwards may be answered at once.
    const late = part.write(0, [right.subarray(0, 200_000)]);
    await Promise.all([early, emptied, late]);
    expect(part.ranges).toEqual([{ start: 0, end: 200_000 }]);
    await part.write(200_000, [right.subarray(200_000)]);
    expect(part.ranges).toEqual([{ start: 0, end: SIZE }]);
    await part.empty();
    await part.write(0, [right]);
    await part.close();
    expect((await readFile(file)).equals(right)).toBe(true);
    await part.removeJournal();
  }
});

test('nothing that was written before counts any more', async () => {
  const part = await open();
  const early = part.write(0, [Buffer.alloc(100_000, 1)]);
  await Promise.all([part.empty(), early]);
  expect(part.ranges).toEqual([]);
  await part.close();
  expect(await readFile(file)).toHaveLength(0);
});
