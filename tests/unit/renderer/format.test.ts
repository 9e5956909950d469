import {
  formatAgo,
  formatDay,
  formatDisk,
  formatDuration,
  formatMemory,
  formatMilliseconds,
  formatPercent,
} from '@renderer/components/format';
import { describe, expect, it } from 'vitest';

describe('numbers as the screens write them', () => {
  it.each([
    [6.1 * 1024 ** 3, '6.1 GiB'],
    [41 * 1024 ** 2, '41 MiB'],
    [0, '0.0 GiB'],
  ])('memory %d', (bytes, text) => expect(formatMemory(bytes)).toBe(text));

  it.each([
    [4.6e9, '4.6 GB'],
    [168e6, '168 MB'],
    [2.1e6, '2.1 MB'],
    [400_000, '400 KB'],
    [12, '12 bytes'],
  ])('disk %d', (bytes, text) => expect(formatDisk(bytes)).toBe(text));

  it.each([
    [208, '208 ms'],
    [1480, '1.48 s'],
    [12_345, '12.3 s'],
  ])('milliseconds %d', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));

  it.each([
    [14.9, '14 s'],
    [60, '1 min'],
    [72, '1 min 12 s'],
    [720, '12 min'],
    [11_520, '3 h 12 min'],
    [7200, '2 h'],
    [187_200, '2 d 4 h'],
    [-3, '0 s'],
  ])('duration %d', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it('never shows 100 % before the end', () => {
    expect(formatPercent(0.999)).toBe('99 %');
    expect(formatPercent(1)).toBe('100 %');
  });

  it('names days by their distance', () => {
    const now = new Date(2026, 10, 23, 14, 6);
    expect(formatDay(new Date(2026, 10, 23, 10, 54), now)).toBe('Today 10:54');
    expect(formatDay(new Date(2026, 10, 22, 18, 2), now)).toBe('Yesterday 18:02');
    expect(formatDay(new Date(2026, 10, 21, 8, 47), now)).toBe('21 Nov 08:47');
  });

  it('says how long ago in whole minutes', () => {
    const now = Date.parse('2026-11-23T14:06:00Z');
    expect(formatAgo('2026-11-23T14:02:50Z', now)).toBe('3 min ago');
    expect(formatAgo('2026-11-23T14:05:58Z', now)).toBe('just now');
  });
});
