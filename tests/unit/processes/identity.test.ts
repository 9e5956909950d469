import { expect, test } from 'vitest';

import { isSameProcess, startTimeText } from '@core/processes/identity';

const at = (startTime: string) => ({ pid: 7, startTime });

test('a start is written in UTC, with microseconds where they are known', () => {
  expect(startTimeText(1_795_600_800)).toBe('2026-11-25T10:00:00Z');
  expect(startTimeText(1_795_600_800, 42)).toBe('2026-11-25T10:00:00.000042Z');
});

test.each([
  ['the same ticks of Linux', '48213', '48213', true],
  ['a tick later', '48213', '48214', false],
  ['the same microsecond', '2026-11-23T10:00:00.000001Z', '2026-11-23T10:00:00.000001Z', true],
  ['another microsecond', '2026-11-23T10:00:00.000001Z', '2026-11-23T10:00:00.000002Z', false],
  ['whole seconds of ps', '2026-11-23T10:00:00Z', '2026-11-23T10:00:00.999999Z', true],
  ['ps that counts a second more', '2026-11-23T10:00:00Z', '2026-11-23T10:00:01Z', true],
  ['two seconds apart', '2026-11-23T10:00:00Z', '2026-11-23T10:00:02Z', false],
  ['what could not be told', '', '', false],
  ['a process that had ended', 'ended', '48213', false],
  ['two systems', '48213', '2026-11-23T10:00:00Z', false],
])('%s', (_, a, b, same) => {
  expect(isSameProcess(at(a), at(b))).toBe(same);
  expect(isSameProcess(at(b), at(a))).toBe(same);
});

test('another number, or nobody, is not the same', () => {
  expect(isSameProcess(at('1'), { pid: 8, startTime: '1' })).toBe(false);
  expect(isSameProcess(at('1'), undefined)).toBe(false);
});
