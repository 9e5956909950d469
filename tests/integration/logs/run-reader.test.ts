import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addEntry, emptyMeta } from '@core/logs/run-meta';
import { walkLines } from '@core/logs/run-reader';
import type { LogLine } from '@shared/domain/log';
import { afterEach, expect, test } from 'vitest';

import { createTempHome, type TempHome } from '../../fixtures/temp-home';

let home: TempHome | undefined;
afterEach(async () => {
  await home?.close();
  home = undefined;
});

const LINES = 3000;
/** The manager's own lines, by number: first, within, two in a row, and last. */
const NOTES = [0, 1500, 1501, LINES + 3];

/** Two files of a run with lines longer than a read, marks that lie apart, and notes in between. */
async function createRun() {
  home = await createTempHome();
  const meta = emptyMeta('2026-11-23T10:00:00.000Z');
  const files = [0, 1].map((part) => join(home?.folder ?? '', `${part}.log`));
  const texts: [string, string] = ['', ''];
  let at = 0;
  let cut = 0;
  let engineLine = 0;
  for (let n = 0; n < LINES + NOTES.length; n++) {
    if (NOTES.includes(n)) {
      addEntry(meta, { t: 'note', n, time: n, text: `note ${n}` });
      continue;
    }
    if (engineLine % 700 === 0) addEntry(meta, { t: 'mark', at, n, time: n });
    const text = `line ${n} ${'x'.repeat(n % 97)}${n === 2000 ? 'y'.repeat(200_000) : ''}\n`;
    const second = engineLine >= LINES / 2;
    if (engineLine === LINES / 2) cut = at;
    texts[second ? 1 : 0] += text;
    at += text.length;
    engineLine += 1;
  }
  await Promise.all(files.map((file, index) => writeFile(file, texts[index] ?? '')));
  const [first = '', second = ''] = files;
  addEntry(meta, { t: 'segment', segment: 1, to: cut, n: 0 });
  return {
    meta,
    segments: [
      { file: first, from: 0, to: cut },
      { file: second, from: cut, to: undefined },
    ],
    requestLines: [],
    secrets: [],
    isLive: false,
  };
}

test('a read from any line gives what a read of the whole gives from there', async () => {
  const source = await createRun();
  const readFrom = async (from: number, limit: number): Promise<LogLine[]> => {
    const lines: LogLine[] = [];
    await walkLines(source, from, (line) => {
      lines.push(line);
      return lines.length < limit;
    });
    return lines;
  };
  const whole = await readFrom(0, Number.POSITIVE_INFINITY);
  expect(whole.map(({ n }) => n)).toEqual(
    Array.from({ length: LINES + NOTES.length }, (_, n) => n),
  );
  for (const { n, source, text } of whole)
    expect(text.startsWith(source === 'manager' ? `note ${n}` : `line ${n} `)).toBe(true);
  for (const from of [1, 2, 699, 700, 701, 1499, 1500, 1501, 1502, 1999, 2001, 2999, 3002, 3003])
    expect(await readFrom(from, 5)).toEqual(whole.slice(from, from + 5));
});
