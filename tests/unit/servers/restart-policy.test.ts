import { describe, expect, test } from 'vitest';

import {
  backoffMs,
  decideRestart,
  type ExitFacts,
  isPermanent,
  type PastFailure,
} from '@core/servers/supervision/restart-policy';

const crash = (at: number, extra: Partial<ExitFacts> = {}): ExitFacts => ({
  at,
  code: 'exited',
  signature: `exited: ${at}`,
  whileLoading: false,
  wasReady: true,
  cleanExit: false,
  ...extra,
});

describe('back-off', () => {
  test('at once after the first failure, then 250 ms doubling to 60 s', () => {
    const delays = [1, 2, 3, 4, 5, 9, 10, 11, 30].map((failures) => backoffMs(failures, 0.5));
    expect(delays).toEqual([0, 250, 500, 1000, 2000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('jitter is 20 % at most', () => {
    expect(backoffMs(3, 0)).toBe(400);
    expect(backoffMs(3, 0.999)).toBeLessThanOrEqual(600);
  });
});

describe('the decision', () => {
  test('a first crash is retried at once', () => {
    expect(decideRestart('on-failure', crash(0), [], 0.5)).toEqual({ kind: 'retry', delayMs: 0 });
  });

  test('the fifth failure in ten minutes gives up', () => {
    const past = [0, 1, 2, 3].map((minute) => crash(minute * 60_000));
    expect(decideRestart('on-failure', crash(9 * 60_000), past, 0.5).kind).toBe('failed');
  });

  test('failures older than ten minutes do not count', () => {
    const past = [0, 1, 2, 3].map((minute) => crash(minute * 60_000));
    expect(decideRestart('on-failure', crash(10.5 * 60_000), past, 0.5).kind).toBe('retry');
  });

  test('the same failure three times while loading gives up, different ones do not', () => {
    const loading = (at: number, signature: string): ExitFacts =>
      crash(at, { signature, whileLoading: true, wasReady: false });
    const past: PastFailure[] = [loading(0, 'a'), loading(1, 'a')];
    expect(decideRestart('on-failure', loading(2, 'a'), past, 0.5).kind).toBe('failed');
    expect(decideRestart('on-failure', loading(2, 'b'), past, 0.5).kind).toBe('retry');
  });

  test.each([
    'port_in_use',
    'model_missing',
    'model_incomplete',
    'unsupported_architecture',
    'bad_option',
    'engine_missing',
    'permission',
    'custom_code',
  ] as const)('%s is not retried', (code) => {
    expect(isPermanent(code)).toBe(true);
    expect(decideRestart('always', crash(0, { code }), [], 0.5).kind).toBe('failed');
  });

  test('never means never', () => {
    expect(decideRestart('never', crash(0), [], 0.5).kind).toBe('failed');
  });

  test('a clean exit after ready stops, except under always', () => {
    const clean = crash(0, { cleanExit: true });
    expect(decideRestart('on-failure', clean, [], 0.5)).toEqual({ kind: 'stopped' });
    expect(decideRestart('always', clean, [], 0.5).kind).toBe('retry');
  });

  test('exit code 0 before ready is a failure', () => {
    const early = crash(0, { cleanExit: true, wasReady: false, whileLoading: true });
    expect(decideRestart('on-failure', early, [], 0.5).kind).toBe('retry');
  });
});
