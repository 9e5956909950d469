import type { Installation } from '@shared/domain/engine';
import { expect, test } from 'vitest';

import {
  chosenEngine,
  engineChoice,
  engineChoices,
  modelChoices,
} from '@renderer/features/servers/form/choices';
import { newDraft } from '@renderer/features/servers/form/draft';
import { parseAddresses, spreadOf, withSpread } from '@renderer/features/servers/form/machines';

test('a profile goes from one machine to ranks, to several, and back', () => {
  const ranks = withSpread(null, 'ranks');
  expect(ranks).toEqual({ hosts: [], ranks: 2, backend: 'ring', sharding: 'tensor' });
  expect(spreadOf(ranks)).toBe('ranks');
  const hosts = withSpread(ranks && { ...ranks, sharding: 'pipeline' }, 'hosts');
  expect(hosts).toMatchObject({ sharding: 'pipeline', hosts: [{ ssh: null }, { ssh: '' }] });
  expect(hosts).not.toHaveProperty('ranks');
  expect(spreadOf(hosts)).toBe('hosts');
  expect(withSpread(hosts, 'alone')).toBeNull();
  expect(spreadOf(null)).toBe('alone');
});

test('addresses are taken as they are typed', () => {
  expect(parseAddresses(' 10.0.0.1, 10.0.0.2  10.0.0.3,')).toEqual([
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.3',
  ]);
  expect(parseAddresses('')).toEqual([]);
});

const installed = (engine: string, version: string, inUse: boolean): Installation => ({
  id: `${engine}-${version}`,
  engine,
  version,
  path: '/x',
  state: 'ready',
  inUse,
  sizeBytes: 0,
  origin: 'managed',
});

test('every engine can be chosen, with its versions to pin', () => {
  const installations = [installed('mlx-lm', '0.32.2', true), installed('mlx-lm', '0.31.3', false)];
  const draft = newDraft(10240, 'demo');
  const choices = engineChoices(installations, draft, false);
  expect(choices.map(({ label }) => label)).toEqual([
    'mlx-lm 0.32.2, in use',
    'Always mlx-lm 0.32.2',
    'Always mlx-lm 0.31.3',
    'mlx-vlm, not installed',
    'vllm-mlx, not installed',
    'mlx-openai-server, not installed',
    'Custom command',
  ]);
  expect(choices.at(-1)?.reason).toBeDefined();
  expect(engineChoices(installations, draft, true).at(-1)?.reason).toBeUndefined();
  for (const { value } of choices) {
    expect(engineChoice({ ...draft, ...chosenEngine(value) })).toBe(value);
  }
  const removed = { ...draft, installation: 'mlx-lm-0.1' };
  expect(engineChoices(installations, removed, true).at(-1)?.label).toBe('mlx-lm-0.1, removed');
});

test('only a program of one’s own may be without a model', () => {
  expect(modelChoices([], 'demo').map(({ value }) => value)).toEqual(['demo']);
  expect(modelChoices([], 'none', true).map(({ value }) => value)).toEqual(['none']);
});
