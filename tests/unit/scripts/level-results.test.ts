import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error: a plain script without types
import { LevelResults } from '../../../scripts/level-results.mjs';
// @ts-expect-error: a plain script without types
import { LEVELS } from '../../../scripts/levels.mjs';
// @ts-expect-error: a plain script without types
import { whenToEnd } from '../../../scripts/run-level.mjs';

const MINUTE = 60_000;
const A = resolve('tests/a.test.ts');
const B = resolve('tests/b.test.ts');
const LEVEL = { name: 'unit', minutes: 12 };

const began = (id: string, limitMs?: number) => ({
  ...{ type: 'test began', id, file: A, name: `test ${id}`, limitMs },
});
const ended = (id: string, state: string, errors: readonly string[] = []) => ({
  ...{ type: 'test ended', id, file: A, name: `test ${id}`, state, errors },
});
const fileEnded = (file: string, errors: readonly string[] = []) => ({
  ...{ type: 'file ended', file, errors },
});
const runEnded = (errors: readonly string[] = []) => ({ type: 'run ended', errors });

function resultsOf(...events: readonly object[]) {
  const results = new LevelResults();
  for (const event of [{ type: 'run began', files: [A, B] }, ...events]) results.add(event);
  return results;
}

describe('the results of a level', () => {
  it('are those of its tests where it came to its end', () => {
    const results = resultsOf(
      { type: 'file began', file: A },
      ...[began('1'), ended('1', 'passed'), ended('2', 'skipped')],
      ...[began('3'), ended('3', 'failed', ['AssertionError: not so\n    at node_modules/x'])],
      fileEnded(A),
      ...[{ type: 'file began', file: B }, fileEnded(B), runEnded()],
    );
    expect(results.summarise(LEVEL, { code: 1 })).toEqual({
      ...{ name: 'unit', passed: 1, failed: 1, skipped: 1 },
      notes: ['unit: test 2'],
      failures: ['unit: tests/a.test.ts: test 3\n    AssertionError: not so'],
    });
  });

  it('count an error of a file and one outside of every test, each as a failure', () => {
    const results = resultsOf(
      { type: 'file began', file: A },
      fileEnded(A, ['Error: cannot be loaded']),
      ...[{ type: 'file began', file: B }, fileEnded(B), runEnded(['Error: nobody caught it'])],
    );
    expect(results.summarise(LEVEL, { code: 1 })).toMatchObject({
      failed: 2,
      failures: [
        'unit: tests/a.test.ts: the file itself\n    Error: cannot be loaded',
        'unit: an error outside of every test\n    Error: nobody caught it',
      ],
    });
  });

  it('of a level that was ended keep what had ended, and name what ran and what was not reached', () => {
    const results = resultsOf(
      { type: 'file began', file: A },
      ...[began('1'), ended('1', 'passed'), began('2')],
    );
    const endedBecause = 'was ended: nothing in it had ended for 5 min';
    expect(results.summarise(LEVEL, { code: 143, endedBecause })).toEqual({
      ...{ name: 'unit', passed: 1, failed: 1, skipped: 0 },
      notes: ['unit: not reached: tests/b.test.ts'],
      failures: [`unit: ${endedBecause}\n    running: tests/a.test.ts: test 2`],
    });
  });

  it('count a level that ended too early as failed, whatever its exit code', () => {
    const results = resultsOf({ type: 'file began', file: A });
    expect(results.summarise(LEVEL, { code: 0 })).toMatchObject({
      failed: 1,
      failures: [expect.stringContaining('running: tests/a.test.ts, in a hook')],
    });
    expect(resultsOf().summarise(LEVEL, { code: 0 })).toMatchObject({ failed: 1 });
  });

  it('never pass where vitest says that something failed', () => {
    const results = resultsOf(fileEnded(A), fileEnded(B), runEnded());
    expect(results.summarise(LEVEL, { code: 1 })).toMatchObject({ failed: 1 });
  });
});

describe('the moment at which a level is ended', () => {
  const at = (limitMs: number, lastEnd = 3 * MINUTE, level: object = LEVEL) =>
    whenToEnd(level, { began: 0, lastEnd, limitMs });

  it('is five minutes after the last test ended', () => {
    expect(at(0)).toEqual({
      ...{ atMs: 8 * MINUTE, why: 'was ended: nothing in it had ended for 5 min' },
    });
  });

  it('is never before a running test has had its own time', () => {
    const results = resultsOf(began('1', 6 * MINUTE), began('2', 5000));
    expect(results.longestLimitMs()).toBe(6 * MINUTE);
    expect(at(results.longestLimitMs()).atMs).toBe(10 * MINUTE);
    results.add(ended('1', 'passed'));
    expect(at(results.longestLimitMs()).atMs).toBe(8 * MINUTE);
  });

  it('comes at the latest when the level has had all its time', () => {
    expect(at(0, 11 * MINUTE).atMs).toBe(12 * MINUTE);
    expect(at(60 * MINUTE)).toEqual({
      ...{ atMs: 12 * MINUTE, why: 'was ended after 12 min, the most that it may take' },
    });
  });

  it('leaves every level time to be quiet once, and a whole run its time', () => {
    for (const { minutes, quietMinutes = 5 } of LEVELS) {
      expect(minutes).toBeGreaterThan(quietMinutes);
      expect(minutes).toBeLessThanOrEqual(40);
    }
  });
});
