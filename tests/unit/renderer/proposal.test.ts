import { aDownload } from '@fixtures/live-data';
import {
  type ChoiceFacts,
  firstChoice,
  onDisk,
  searchDisk,
} from '@renderer/features/first-run/model-choice';
import {
  bytesToFetch,
  downloadSentence,
  engineChoices,
  engineTitle,
  proposedEngine,
} from '@renderer/features/first-run/proposal';
import { chatCommand } from '@renderer/text/request-text';
import type { AvailableEngine, Installation } from '@shared/domain/engine';
import type { SuggestedModel } from '@shared/domain/hub';
import type { Model } from '@shared/domain/model';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const available = (
  engine: AvailableEngine['engine'],
  more: Partial<AvailableEngine> = {},
): AvailableEngine => ({
  engine,
  title: engine,
  description: '',
  recommended: engine === 'mlx-lm',
  capabilities: [],
  loadsWith: [engine === 'mlx-vlm' ? 'mlx_vlm' : 'mlx_lm'],
  tested: '1.0',
  version: null,
  installed: [],
  ...more,
});
const ALL = [available('mlx-lm', { downloadBytes: 60e6, diskBytes: 168e6 }), available('mlx-vlm')];
const installed = (engine: string, more: Partial<Installation> = {}): Installation =>
  ({ engine, version: '0.9', inUse: true, state: 'ready', sizeBytes: 5, ...more }) as Installation;
const model = (ref: string, more: Partial<Model> = {}): Model =>
  ({ ref, name: ref, complete: true, origin: 'huggingface', sizeBytes: 4e9, ...more }) as Model;
const DEMO = model('demo', { origin: 'built-in' });
const facts = (change: Partial<ChoiceFacts> = {}): ChoiceFacts => ({
  suggested: [{ ref: 'org/Qwen', name: 'Qwen', sizeBytes: 4.6e9 } as SuggestedModel],
  isUnreachable: false,
  models: [DEMO],
  downloads: [],
  ...change,
});

describe('the engine of a first server', () => {
  it('is the recommended one, or one that is installed already', () => {
    expect(proposedEngine(engineChoices(ALL, [], undefined), undefined)?.engine).toBe('mlx-lm');
    const choices = engineChoices(ALL, [installed('mlx-vlm')], undefined);
    expect(proposedEngine(choices, undefined)).toMatchObject({
      engine: 'mlx-vlm',
      version: '0.9',
      downloadBytes: 0,
    });
    const unknown = engineChoices(ALL, [installed('mlx-vlm', { state: 'unknown' })], undefined);
    expect(proposedEngine(unknown, undefined)?.engine).toBe('mlx-vlm');
    const broken = engineChoices(ALL, [installed('mlx-vlm', { state: 'broken' })], undefined);
    expect(proposedEngine(broken, undefined)?.engine).toBe('mlx-lm');
  });

  it('is one that can load the model; what a person chose stays, with the reason against it', () => {
    const vision = { name: 'Pixtral', loaders: ['mlx_vlm'] };
    const choices = engineChoices(ALL, [installed('mlx-lm')], vision);
    expect(proposedEngine(choices, undefined)?.engine).toBe('mlx-vlm');
    expect(proposedEngine(choices, 'mlx-lm')?.reason).toBe("mlx-lm can't load Pixtral");
  });

  it('is named with its version where there is one', () => {
    const [own] = engineChoices(ALL, [installed('mlx-lm', { version: 'registered' })], undefined);
    expect(own && engineTitle(own)).toBe('mlx-lm, your own');
  });
});

describe('models on this machine', () => {
  const models = [
    DEMO,
    model('org/Half', { complete: false, missing: ['model-2 is missing'] }),
    model('org/Whisper', { kind: 'audio' }),
    model('org/Old', { downloadedAt: '2026-01-01' }),
    model('org/Alpha'),
    model('org/Used', { downloadedAt: '2025-01-01', lastUsedAt: '2026-11-01' }),
  ];

  it('come with what was used or came last first, and what cannot be chosen last, with its reason', () => {
    expect(onDisk({ models }).map(({ model: { ref }, reason }) => [ref, reason])).toEqual([
      ['org/Used', undefined],
      ['org/Old', undefined],
      ['org/Alpha', undefined],
      ['demo', undefined],
      ['org/Half', 'Incomplete: model-2 is missing'],
      ['org/Whisper', 'Not a chat model'],
    ]);
  });

  it('are found by any words of their names', () => {
    expect(searchDisk(onDisk({ models }), 'ORG alp').map(({ model: { ref } }) => ref)).toEqual([
      'org/Alpha',
    ]);
  });

  it('are proposed where they have room, else a smaller one', () => {
    const two = [model('org/Huge', { sizeBytes: 40e9, lastUsedAt: '2026' }), model('org/Small')];
    expect(firstChoice(facts({ models: two, roomBytes: 20e9 }))?.ref).toBe('org/Small');
    expect(onDisk({ models: two, roomBytes: 20e9 }).map(({ isLarge }) => isLarge)).toEqual([
      false,
      true,
    ]);
    expect(firstChoice(facts({ models: two }))?.ref).toBe('org/Huge');
    const one = [model('org/Huge', { sizeBytes: 40e9 })];
    expect(firstChoice(facts({ models: one, roomBytes: 20e9 }))).toEqual({
      from: 'hub',
      ref: 'org/Qwen',
    });
  });
});

describe('what a set-up brings', () => {
  const choice = { from: 'hub', ref: 'org/Qwen' } as const;

  it('is what is missing of the model', () => {
    expect(bytesToFetch(choice, facts())).toBe(4.6e9);
    const here = facts({ models: [model('org/qwen')] });
    expect(bytesToFetch(choice, here)).toBe(0);
    const downloads = [aDownload('Qwen', { ref: 'org/Qwen', bytes: 1e9, total: 4.6e9 })];
    expect(bytesToFetch(choice, facts({ downloads }))).toBe(3.6e9);
    expect(bytesToFetch({ from: 'hub', ref: 'org/Other' }, facts())).toBeUndefined();
  });

  it('is said as far as it is known', () => {
    const [lm, vlm] = engineChoices(ALL, [], undefined);
    expect(downloadSentence(lm, 4.6e9)).toBe('4.7 GB to download');
    expect(downloadSentence(vlm, 4.6e9)).toBe('At least 4.6 GB to download');
    expect(downloadSentence(vlm, undefined)).toBe('');
    const [ready] = engineChoices(ALL, [installed('mlx-lm')], undefined);
    expect(downloadSentence(ready, 0)).toBe('Everything is on this machine already');
  });
});

it('a chat by curl survives any name in a shell', () => {
  const name = `it's "a" \\ $HOME model`;
  const command = chatCommand('http://127.0.0.1:10240/v1', name).replace(/^curl/, 'printf "%s\\n"');
  const said = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trimEnd().split('\n');
  expect(said[0]).toBe('http://127.0.0.1:10240/v1/chat/completions');
  expect(JSON.parse(said.at(-1) ?? '')).toMatchObject({ model: name });
});
