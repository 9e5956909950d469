import {
  formatDisk,
  formatDiskOf,
  formatGib,
  formatMemory,
  formatSpeed,
  GIB,
  MIB,
} from '@shared/format/bytes';
import {
  formatContext,
  formatCount,
  formatCpu,
  formatLargeCount,
  formatNumber,
  formatPercent,
} from '@shared/format/counts';
import { formatAgo, formatClock, formatDate, formatDay, formatLogTime } from '@shared/format/dates';
import {
  formatDuration,
  formatMilliseconds,
  formatShortDuration,
  formatWholeMinutes,
} from '@shared/format/durations';
import { describe, expect, it } from 'vitest';
import { readSources } from '../read-sources';

describe('bytes', () => {
  it.each([
    [6.1 * GIB, '6.1 GiB'],
    [0.5 * GIB, '0.5 GiB'],
    [0.1 * GIB, '0.1 GiB'],
    [41 * MIB, '41 MiB'],
    [1, '1 MiB'],
    [0, '0.0 GiB'],
    [1536 * GIB, '1536.0 GiB'],
  ])('of memory: %d', (bytes, text) => expect(formatMemory(bytes)).toBe(text));

  it.each([
    [4.6e9, '4.6 GB'],
    [168e6, '168 MB'],
    [999.4e6, '999 MB'],
    [999.6e6, '1.0 GB'],
    [9.94e6, '9.9 MB'],
    [9.96e6, '10 MB'],
    [2.1e6, '2.1 MB'],
    [999_600, '1.0 MB'],
    [400_000, '400 KB'],
    [12, '12 bytes'],
    [1, '1 byte'],
    [0, '0 bytes'],
  ])('on disk: %d', (bytes, text) => expect(formatDisk(bytes)).toBe(text));

  it('of a whole, with one unit where both have it', () => {
    expect(formatDiskOf(4.7e9, 7.5e9)).toBe('4.7 of 7.5 GB');
    expect(formatDiskOf(900e6, 7.5e9)).toBe('900 MB of 7.5 GB');
    expect(formatDiskOf(0, 7.5e9)).toBe('0 of 7.5 GB');
  });

  it('as a bare figure, and a second', () => {
    expect(formatGib(6.14 * GIB)).toBe('6.1');
    expect(formatSpeed(48.3e6)).toBe('48 MB/s');
  });
});

describe('counts', () => {
  it('have separators and the right form of the noun', () => {
    expect(formatNumber(16_384)).toBe('16,384');
    expect(formatCount(1, 'field')).toBe('1 field');
    expect(formatCount(2, 'field')).toBe('2 fields');
    expect(formatCount(0, 'copy', 'copies')).toBe('0 copies');
  });

  it.each([
    [30.5e9, '30.5 B'],
    [999.6e6, '1.0 B'],
    [596e6, '596 M'],
    [12.4e6, '12 M'],
    [1.24e6, '1.2 M'],
    [999_600, '1.0 M'],
    [684_321, '684 K'],
    [999, '999'],
  ])('in few characters: %d', (count, text) => expect(formatLargeCount(count)).toBe(text));

  it('of tokens as people speak of a context', () => {
    expect([512, 32_768, 40_960].map(formatContext)).toEqual(['512', '33K', '41K']);
  });

  it('never say 100 % before the end', () => {
    expect(formatPercent(0.999)).toBe('99 %');
    expect(formatPercent(1)).toBe('100 %');
    expect(formatCpu(142.6)).toBe('143 %');
  });
});

describe('durations', () => {
  it.each([
    [208, '208 ms'],
    [1480, '1.48 s'],
    [12_345, '12.3 s'],
  ])('of %d ms', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));

  it.each([
    [14.9, '14 s'],
    [60, '1 min'],
    [72, '1 min 12 s'],
    [720, '12 min'],
    [11_520, '3 h 12 min'],
    [7200, '2 h'],
    [187_200, '2 d 4 h'],
    [172_800, '2 d'],
    [-3, '0 s'],
  ])('of %d s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('have tenths where the work may be short, and none where seconds say nothing', () => {
    expect([1.94, 9.96, 72].map(formatShortDuration)).toEqual(['1.9 s', '9 s', '1 min 12 s']);
    expect([14, 72, 190].map(formatWholeMinutes)).toEqual(['14 s', '1 min', '3 min']);
  });
});

describe('dates', () => {
  const now = new Date(2026, 10, 23, 14, 6);

  it('name days by their distance', () => {
    expect(formatDay(new Date(2026, 10, 23, 10, 54), now)).toBe('Today 10:54');
    expect(formatDay(new Date(2026, 10, 22, 18, 2), now)).toBe('Yesterday 18:02');
    expect(formatDay(new Date(2026, 10, 22, 0, 0), now)).toBe('Yesterday 00:00');
    expect(formatDay(new Date(2026, 10, 21, 23, 59), now)).toBe('Nov 21, 23:59');
  });

  it('name the year only of another year', () => {
    expect(formatDate(new Date(2026, 0, 5), now)).toBe('Jan 5');
    expect(formatDate(new Date(2025, 11, 31), now)).toBe('Dec 31, 2025');
  });

  it('say how long ago in whole minutes', () => {
    const ms = Date.parse('2026-11-23T14:06:00Z');
    expect(formatAgo('2026-11-23T14:02:50Z', ms)).toBe('3 min ago');
    expect(formatAgo('2026-11-23T14:05:30Z', ms)).toBe('30 s ago');
    expect(formatAgo('2026-11-23T14:05:58Z', ms)).toBe('just now');
  });

  it('write the clock with as much as is needed', () => {
    const time = new Date(2026, 10, 23, 4, 2, 51, 6);
    expect([formatClock(time), formatClock(time, true)]).toEqual(['04:02', '04:02:51']);
    expect(formatLogTime(time.toISOString())).toBe('04:02:51.006');
  });
});

/** A figure and its unit put together by hand, e.g. `${(bytes / 1e9).toFixed(1)} GB`. */
const BY_HAND = /(?:toFixed\(\d\)|Math\.(?:floor|round|ceil)\([^`]*\))\} ?(?:[KMG]i?B\b|%(?!;))/;

it('figures get their unit here and nowhere else', async () => {
  const others = (await readSources()).filter(({ path }) => !path.startsWith('src/shared/format/'));
  const found = others.flatMap(({ path, text }) =>
    text
      .split('\n')
      .filter((line) => BY_HAND.test(line) && !line.includes('style='))
      .map((line) => `${path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
