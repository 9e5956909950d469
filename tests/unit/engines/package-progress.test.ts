import { type DiskLook, packageProgress } from '@core/engines/install/package-progress';
import { expect, test } from 'vitest';

const PLAN = { total: 38, toFetch: 38, totalBytes: 220e6 };

/** A look each second, with these bytes (MB) and as many packages as tenths of the sum. */
const looks = (...megabytes: readonly number[]): DiskLook[] =>
  megabytes.map((mb, second) => ({
    at: second * 1000,
    fetched: { packages: Math.floor(mb / 10), bytes: mb * 1e6 },
    installed: 0,
  }));

test('nothing but the amount before there are two seconds of data', () => {
  expect(packageProgress(PLAN, looks(0))).toEqual({
    done: 0,
    total: 38,
    bytes: 0,
    totalBytes: 220e6,
  });
  expect(packageProgress(PLAN, looks(0, 4))).toEqual({
    ...{ done: 0, total: 38, bytes: 4e6, totalBytes: 220e6 },
  });
});

test('a speed after two seconds, what is left after five', () => {
  const four = packageProgress(PLAN, looks(0, 4, 8, 12, 16));
  expect(four).toMatchObject({ bytesPerSecond: 4e6, done: 1 });
  expect(four.secondsLeft).toBeUndefined();
  expect(packageProgress(PLAN, looks(0, 4, 8, 12, 16, 20))).toMatchObject({
    ...{ bytes: 20e6, bytesPerSecond: 4e6, secondsLeft: 50 },
  });
});

test('the wait for the first byte is no part of the speed', () => {
  const late = packageProgress(PLAN, looks(0, 0, 0, 0, 10, 20, 30));
  expect(late.bytesPerSecond).toBe(10e6);
  expect(late.secondsLeft).toBeUndefined();
});

test('the speed is that of the last ten seconds, and none where nothing comes', () => {
  const slow = Array.from({ length: 11 }, (_, second) => second);
  const fast = Array.from({ length: 11 }, (_, second) => 10 + second * 10);
  expect(packageProgress(PLAN, looks(...slow, ...fast.slice(1))).bytesPerSecond).toBe(10e6);
  const stalled = packageProgress(PLAN, looks(0, 50, ...Array.from({ length: 20 }, () => 100)));
  expect(stalled).toEqual({ done: 10, total: 38, bytes: 100e6, totalBytes: 220e6 });
});

test('a sum that is not known: the amount and the speed, never what is left', () => {
  const plan = { ...PLAN, totalBytes: undefined };
  expect(packageProgress(plan, looks(0, 4, 8, 12, 16, 20, 24))).toEqual({
    ...{ done: 2, total: 38, bytes: 24e6, bytesPerSecond: 4e6 },
  });
});

test('a warm cache: packages alone, those in the environment', () => {
  const plan = { total: 38, toFetch: 0, totalBytes: undefined };
  const warm = looks(0, 0, 0).map((look, at) => ({ ...look, installed: at * 10 }));
  expect(packageProgress(plan, warm)).toEqual({ done: 20, total: 38 });
});

test('what uv has to fetch is not known: bytes as soon as some come', () => {
  const plan = { total: 38, toFetch: undefined, totalBytes: undefined };
  expect(packageProgress(plan, looks(0, 0))).toEqual({ done: 0, total: 38 });
  expect(packageProgress(plan, looks(0, 5))).toEqual({ done: 0, total: 38, bytes: 5e6 });
});

test('what the cache has counts as there, and nothing goes back or beyond the sum', () => {
  const plan = { total: 38, toFetch: 8, totalBytes: 40e6 };
  expect(packageProgress(plan, looks(0, 20)).done).toBe(32);
  const back = looks(0, 70, 70).with(2, {
    at: 2000,
    fetched: { packages: 0, bytes: 50e6 },
    installed: 3,
  });
  expect(packageProgress(plan, back)).toEqual({
    done: 37,
    total: 38,
    bytes: 40e6,
    totalBytes: 40e6,
  });
});

test('a cache that cannot be looked at: packages in the environment alone', () => {
  const blind = [{ at: 0, fetched: undefined, installed: 4 }];
  expect(packageProgress(PLAN, blind)).toEqual({ done: 4, total: 38 });
});
