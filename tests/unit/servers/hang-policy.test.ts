import { expect, test } from 'vitest';

import { hangInterval, isProbeDue, isWork, judgeHang } from '@core/servers/health/hang-policy';
import { parseCpuTime } from '@core/processes/ps-output';

const facts = (silentMs: number, lateMs = 0) => ({
  now: 100_000,
  lastProgress: 100_000 - silentMs,
  due: 100_000 - lateMs,
  limitMs: 60_000,
});

test('silence is first suspicious, then a hang', () => {
  expect(judgeHang(facts(30_000))).toBe('fine');
  expect(judgeHang(facts(45_000))).toBe('suspect');
  expect(judgeHang(facts(60_000))).toBe('hung');
});

test('a look that comes much too late was a sleep, not a hang', () => {
  expect(judgeHang(facts(3_600_000, 3_500_000))).toBe('slept');
});

test('a token is asked for only after half of the limit without other progress', () => {
  expect(isProbeDue(facts(29_000))).toBe(false);
  expect(isProbeDue(facts(30_000))).toBe(true);
});

test('the looks are dense enough for the shortest limit', () => {
  expect(hangInterval(5000)).toBeLessThan(1000);
  expect(hangInterval(3_600_000)).toBe(10_000);
});

test('work is more than five percent of a core', () => {
  const before = { cpuMs: 1000, memoryBytes: 8e9 };
  const after = (cpuMs: number, grown = 0) => ({
    cpuMs: before.cpuMs + cpuMs,
    memoryBytes: before.memoryBytes + grown,
  });
  expect(isWork(before, after(40), 1000)).toBe(false);
  expect(isWork(before, after(60), 1000)).toBe(true);
  expect(isWork(before, after(10), 0)).toBe(false);
  // A prompt that the GPU reads: hardly any CPU, and a cache that grows.
  expect(isWork(before, after(5, 50_000_000), 1000)).toBe(true);
  expect(isWork(before, after(5, 100_000), 1000)).toBe(false);
});

test('CPU time as ps prints it', () => {
  expect(parseCpuTime('0:01.50')).toBe(1500);
  expect(parseCpuTime('1:02:03')).toBe(3_723_000);
  expect(parseCpuTime('1-00:00:01')).toBe(86_401_000);
  expect(parseCpuTime('nonsense')).toBeUndefined();
});
