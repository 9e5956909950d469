import { readFileSync } from 'node:fs';
import { mlxLm } from '@core/engines/adapters/mlx-lm';
import { optionDrift, profileProblems } from '@core/engines/options/option-drift';
import { parseOptions } from '@core/engines/options/options-parser';
import { expect, test } from 'vitest';

const read = (version: string) =>
  parseOptions(readFileSync(new URL(`mlx-lm-${version}-help.txt`, import.meta.url), 'utf8'), mlxLm);
const old = read('0.31.3');
const fresh = read('0.32.2');

test('two real versions of mlx-lm: the KV options came, nothing went', () => {
  expect(optionDrift(old, fresh)).toEqual({
    added: ['kv-bits', 'kv-group-size', 'quantized-kv-start'],
    removed: [],
    changed: [],
  });
  expect(optionDrift(fresh, old).removed).toEqual(optionDrift(old, fresh).added);
  expect(optionDrift(fresh, fresh)).toEqual({ added: [], removed: [], changed: [] });
});

test('a changed default, type and choice are each told, with both values', () => {
  const changed = fresh.map((option) => {
    if (option.key === 'max-tokens') return { ...option, default: 1024 };
    return option.key === 'log-level'
      ? { ...option, choices: ['DEBUG'], type: 'text' as const }
      : option;
  });
  expect(optionDrift(fresh, changed).changed).toEqual([
    { key: 'max-tokens', what: 'default', before: '512', after: '1024' },
    { key: 'log-level', what: 'type', before: 'choice', after: 'text' },
    {
      key: 'log-level',
      what: 'choices',
      before: 'DEBUG, INFO, WARNING, ERROR, CRITICAL',
      after: 'DEBUG',
    },
  ]);
});

test("what the manager sets itself is nobody's change", () => {
  const withoutPort = fresh.filter(({ key }) => key !== 'port');
  expect(optionDrift(fresh, withoutPort).removed).toEqual([]);
});

test('a profile is told what it may no longer set and what now means another thing', () => {
  const drift = optionDrift(fresh, old);
  expect(profileProblems({ 'kv-bits': 4, temperature: 1 }, drift, old, mlxLm)).toEqual([
    expect.stringContaining('has no option kv-bits'),
  ]);
  const louder = {
    ...drift,
    changed: [{ key: 'temperature', what: 'default' as const, before: '0.0', after: '1.0' }],
  };
  expect(profileProblems({ temperature: 1 }, louder, old, mlxLm)).toEqual([
    'default of temperature changes from 0.0 to 1.0.',
  ]);
  expect(profileProblems({}, louder, old, mlxLm)).toEqual([]);
});
