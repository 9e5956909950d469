import { matching, optionLines } from '@renderer/components/search-options';
import { chosenModel, modelChoices } from '@renderer/features/servers/form/choices';
import { expect, it } from 'vitest';

import { aModel } from './a-model';

const option = (label: string, group: string, detail?: string) => ({
  value: label,
  label,
  group,
  detail,
});
const ALL = [
  option('None', ''),
  option('Qwen3-8B-4bit', 'Here', 'LM Studio, 4.6 GB'),
  option('Qwen3-8B-8bit', 'Here', 'Hugging Face, 8.9 GB'),
  option('phi-4', 'Not now'),
];

it('finds what has every word, also in what stands beside the name', () => {
  expect(matching(ALL, 'qwen 8bit').map(({ label }) => label)).toEqual(['Qwen3-8B-8bit']);
  expect(matching(ALL, ' STUDIO ').map(({ label }) => label)).toEqual(['Qwen3-8B-4bit']);
  expect(matching(ALL, '')).toHaveLength(4);
});

it('names each group once, before its first option', () => {
  const lines = optionLines(ALL).map((line) =>
    line.kind === 'group' ? `[${line.name}]` : `${line.number} ${line.option.label}`,
  );
  expect(lines).toEqual([
    '0 None',
    '[Here]',
    '1 Qwen3-8B-4bit',
    '2 Qwen3-8B-8bit',
    '[Not now]',
    '3 phi-4',
  ]);
});

it('models that cannot be chosen come last with the reason; a chosen one that is not here stays', () => {
  const models = [
    aModel({ ref: 'org/Half', state: 'incomplete', complete: false, missing: ['a', 'b'] }),
    aModel({ ref: 'org/Whole' }),
  ];
  const choices = modelChoices(models, 'org/Gone');
  expect(choices.map(({ value, group, reason }) => [value, group, reason])).toEqual([
    ['org/Whole', 'On this machine', undefined],
    ['org/Gone', 'Not on this machine', undefined],
    ['org/Half', 'Cannot be chosen now', 'Incomplete: 2 files missing'],
  ]);
  expect(chosenModel(models, 'org/Gone')).toBe('Gone, not on this machine');
  // Before the library is known nothing is missing in it.
  expect(chosenModel(undefined, 'org/Gone')).toBe('Gone');
  expect(chosenModel(models, '')).toBe('');
});
