import { readFileSync } from 'node:fs';
import { AdviceFile, adviceFor, readAdvice } from '@core/advice/advice';
import { compareVersions, isInVersionRange, VERSION_RANGE } from '@core/advice/version-range';
import { silentLogger } from '@fixtures/server-harness';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import { describe, expect, test } from 'vitest';

describe('a version in a range', () => {
  test.each([
    ['0.32.2', '*', true],
    ['unknown', '*', true],
    ['unknown', '<9', false],
    ['0.31.3', '<0.32.0', true],
    ['0.32.0', '<0.32.0', false],
    ['0.32', '<=0.32.0', true],
    ['0.10.0', '>=0.9.1', true],
    ['0.31.2', '>=0.31 <0.31.3', true],
    ['0.31.3', '>=0.31 <0.31.3', false],
    ['1.8.1', '=1.8.1', true],
    ['1.8.2', '>1.8.1', true],
  ])('%s in %s: %s', (version, range, expected) => {
    expect(VERSION_RANGE.test(range)).toBe(true);
    expect(isInVersionRange(version, range)).toBe(expected);
  });

  test.each(['', '0.32', '~1', '>=', '< 1', '>=1 || <2', '>=x'])('%j is no range', (range) => {
    expect(VERSION_RANGE.test(range)).toBe(false);
  });

  test('versions are compared by their numbers', () => {
    expect(compareVersions('0.9.1', '0.10')).toBeLessThan(0);
    expect(compareVersions('1.0', '1')).toBe(0);
  });
});

const ENTRIES = AdviceFile.parse(JSON.parse(readFileSync('resources/advice.json', 'utf8')));

test('every entry that ships names a known engine and its source, once', () => {
  const ids = ENTRIES.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { engine, source, says } of ENTRIES) {
    expect(INSTALLABLE_IDS).toContain(engine);
    expect(source.length).toBeGreaterThan(10);
    expect(says).toMatch(/\.$/);
  }
});

describe('what is said', () => {
  const facts = {
    engine: 'mlx-lm',
    version: '0.32.2',
    platform: 'linux',
    architecture: undefined,
    profile: { options: {}, cluster: null },
  } as const;
  const ids = (changes: object): string[] =>
    adviceFor({ ...facts, ...changes }, ENTRIES).map(({ id }) => id);

  test('depends on engine, version, option and machines', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ version: '0.31.3' })).toEqual(['mlx-lm-health-after-failure']);
    expect(ids({ profile: { options: { 'kv-bits': 4 }, cluster: null } })).toEqual([
      'mlx-lm-kv-bits-no-batching',
    ]);
    expect(
      ids({ version: '0.31.3', profile: { options: { 'kv-bits': 4 }, cluster: null } }),
    ).toEqual(['mlx-lm-health-after-failure']);
    const cluster = { hosts: [], ranks: 2, backend: 'ring', sharding: 'tensor' };
    expect(ids({ profile: { options: {}, cluster } })).toEqual(['launcher-busy-core']);
  });

  test('an engine by itself is told only what holds for every profile', () => {
    expect(ids({ engine: 'mlx-vlm', version: '0.7.10', profile: undefined })).toEqual([
      'mlx-vlm-echoes-origin',
    ]);
    expect(ids({ profile: undefined })).toEqual([]);
  });
});

test('a missing or damaged list is no advice, and no failure', async () => {
  expect(await readAdvice('/nowhere', silentLogger)).toEqual([]);
});
