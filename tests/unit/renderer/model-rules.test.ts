import {
  deleteLabel,
  deleteQuestion,
  deleteReason,
  listed,
  profileReason,
  repairReason,
  verifyReason,
} from '@renderer/domain/models/model-rules';
import {
  alsoIn,
  architectureText,
  lastUsedText,
  originOf,
  shortName,
  templateText,
} from '@renderer/text/model-text';
import type { ModelCopy } from '@shared/domain/model';
import { describe, expect, it } from 'vitest';

import { aLocalModel, aModel } from './a-model';

const idle = { running: [], downloading: false, verifying: false };
const copy: ModelCopy = {
  ...{ ref: 'x', path: '/x', sizeBytes: 4.6e9, usedBy: [] },
  origin: 'lmstudio',
};

describe('a deletion', () => {
  it('is not asked about where everything comes back by itself', () => {
    expect(deleteQuestion(aModel({}))).toBeUndefined();
    expect(deleteQuestion(aLocalModel({ copies: [copy] }))).toBeUndefined();
    expect(deleteLabel(aModel({}))).toBe('Delete');
  });
  it('names the profiles that would miss it, with GB', () => {
    const question = deleteQuestion(aModel({ name: 'org/phi-4', usedBy: ['A', 'B'] }));
    expect(question?.title).toBe('Delete phi-4: 4.6 GB, used by 2 profiles');
    expect(question?.sentences).toEqual([
      "A and B can't start without this model.",
      'You can download it again from Hugging Face.',
    ]);
    expect(deleteLabel(aModel({ usedBy: ['A'] }))).toBe('Delete…');
  });
  it('says when there is no other copy anywhere', () => {
    const question = deleteQuestion(aLocalModel({}));
    expect(question?.title).toBe('Delete Some-4bit: 4.6 GB');
    expect(question?.sentences.join()).toMatch(/only copy.*gone for good/);
  });
  it('is refused with what stands in the way', () => {
    const reason = (use: Partial<typeof idle> | { running: string[] }) =>
      deleteReason(aModel({}), { ...idle, ...use });
    expect(reason({})).toBeUndefined();
    expect(reason({ running: ['Qwen3 8B'] })).toBe('Stop Qwen3 8B before deleting this model.');
    expect(reason({ running: ['A', 'B', 'C'] })).toBe(
      'Stop A, B and C before deleting this model.',
    );
    expect(reason({ downloading: true })).toMatch(/Cancel the download/);
    expect(reason({ verifying: true })).toMatch(/Cancel the verification/);
    expect(deleteReason(aModel({ origin: 'built-in' }), idle)).toMatch(/Part of MLX Manager/);
    const away = aModel({ state: 'unmounted', disk: 'Archive SSD' });
    expect(deleteReason(away, idle)).toBe("Archive SSD isn't mounted.");
    expect(deleteReason(aModel({ origin: 'ollama' }), idle)).toMatch(/Managed by Ollama/);
  });
});

it('only what comes from the hub is repaired, and only what is whole gets a profile', () => {
  expect(repairReason(aModel({ state: 'damaged' }), idle)).toBeUndefined();
  expect(repairReason(aLocalModel({ state: 'damaged' }), idle)).toMatch(/Not from Hugging Face/);
  expect(profileReason(aModel({}))).toBeUndefined();
  // A start of it may be forced.
  expect(profileReason(aModel({ state: 'damaged', wholeWeights: true }))).toBeUndefined();
  for (const state of ['incomplete', 'damaged', 'unmounted', 'unusable'] as const)
    expect(profileReason(aModel({ state }))).toMatch(/\.$/);
  expect(verifyReason(aModel({}), idle)).toBeUndefined();
  expect(verifyReason(aModel({}), { ...idle, downloading: true })).toMatch(/download/);
});

describe('words', () => {
  it('name who made it, where it lies and what it is for', () => {
    expect(shortName(aModel({}))).toBe('Some-4bit');
    expect(originOf(aModel({ kind: 'embedding' }))).toBe('org · Hugging Face cache · Embedding');
    expect(originOf(aLocalModel({ name: 'Mine' }))).toBe('/models');
    expect(originOf(aModel({ origin: 'lmstudio', folder: '/home/.lmstudio/models' }))).toBe(
      'org · LM Studio folder',
    );
    expect(alsoIn([copy])).toBe('Also in LM Studio');
    expect(alsoIn([{ ...copy, origin: 'folder', folder: '/Volumes/Archive/models' }])).toBe(
      'Also in models',
    );
    expect(alsoIn([copy, copy])).toBe('Also in 2 other places');
    expect(listed([])).toBe('');
  });
  it('say what is known and leave out the rest', () => {
    expect(architectureText(aModel({}))).toBeUndefined();
    expect(
      architectureText(
        aModel({ architecture: 'qwen3', parameters: 8.19e9, layers: 36, kvHeads: 8 }),
      ),
    ).toBe('qwen3, 8.2 B, 36 layers, 8 KV heads');
    const template = { toolCalls: true, reasoning: 'switchable' } as const;
    expect(templateText({ template })).toBe('Tool calls, optional reasoning');
    expect(templateText({ template: { toolCalls: false, reasoning: 'none' } })).toBe(
      'No tool calls',
    );
  });
  it('tell when it was used as people do', () => {
    const now = new Date(2026, 10, 28, 12, 0).getTime();
    const at = (...[day, hours]: [number, number]) =>
      new Date(2026, 10, day, hours, 0).toISOString();
    expect(lastUsedText(undefined, true, now)).toBe('now');
    expect(lastUsedText(undefined, false, now)).toBe('Never');
    expect(lastUsedText(new Date(now - 125_000).toISOString(), false, now)).toBe('2 min ago');
    expect(lastUsedText(at(28, 8), false, now)).toBe('today 08:00');
    expect(lastUsedText(at(27, 23), false, now)).toBe('yesterday');
    expect(lastUsedText(at(19, 9), false, now)).toBe('Nov 19');
  });
});
