import { aDownload } from '@fixtures/live-data';
import {
  aboutModel,
  type ChoiceFacts,
  firstChoice,
  hubRows,
  readyModel,
  waitsFor,
} from '@renderer/features/first-run/model-choice';
import type { SuggestedModel } from '@shared/domain/hub';
import type { Model } from '@shared/domain/model';
import { describe, expect, it } from 'vitest';

const suggestion = (name: string, more: Partial<SuggestedModel> = {}): SuggestedModel =>
  ({ ref: `mlx-community/${name}`, name, about: 'Good', ...more }) as SuggestedModel;
const model = (ref: string, more: Partial<Model> = {}): Model =>
  ({ ref, complete: true, origin: 'huggingface', ...more }) as Model;
const DEMO = model('demo', { origin: 'built-in' });

const facts = (change: Partial<ChoiceFacts> = {}): ChoiceFacts => ({
  suggested: [suggestion('Qwen'), suggestion('Llama')],
  isUnreachable: false,
  models: [DEMO],
  downloads: [],
  ...change,
});

describe('what stands chosen for the first server', () => {
  it('is what is coming, also when it failed, then what is here, then what suits best', () => {
    const downloads = [aDownload('Done', { state: 'done' }), aDownload('Phi', { state: 'failed' })];
    const models = [DEMO, model('mlx-community/Here')];
    expect(firstChoice(facts({ models, downloads }))).toEqual({
      from: 'hub',
      ref: 'mlx-community/Phi',
    });
    expect(firstChoice(facts({ models }))).toEqual({ from: 'disk', ref: 'mlx-community/Here' });
    expect(firstChoice(facts())).toEqual({ from: 'hub', ref: 'mlx-community/Qwen' });
    const half = [DEMO, model('mlx-community/Half', { complete: false })];
    expect(firstChoice(facts({ models: half }))).toEqual({
      from: 'hub',
      ref: 'mlx-community/Qwen',
    });
  });

  it('is the built-in model where the hub has none or cannot be asked, and nothing before', () => {
    const demo = { from: 'disk', ref: 'demo' };
    expect(firstChoice(facts({ suggested: [] }))).toEqual(demo);
    expect(firstChoice(facts({ suggested: undefined, isUnreachable: true }))).toEqual(demo);
    expect(firstChoice(facts({ suggested: undefined }))).toBeUndefined();
  });

  it('can run only when it is whole on this machine', () => {
    const choice = { from: 'hub', ref: 'mlx-community/Qwen' } as const;
    expect(readyModel(choice, facts())).toBeUndefined();
    expect(readyModel(undefined, facts())).toBeUndefined();
    const half = facts({ models: [model('mlx-community/Qwen', { complete: false })] });
    expect(readyModel(choice, half)).toBeUndefined();
    const whole = facts({ models: [model('mlx-community/qwen')] });
    expect(readyModel(choice, whole)).toEqual({ ref: 'mlx-community/qwen', name: 'Qwen' });
    expect(readyModel({ from: 'disk', ref: 'demo' }, facts())).toEqual({
      ref: 'demo',
      name: 'Demo',
    });
  });

  it('is one of the suggested ones or what is fetched besides', () => {
    const downloads = [aDownload('Llama'), aDownload('Other'), aDownload('Old', { state: 'done' })];
    const rows = hubRows(facts({ downloads, models: [model('mlx-community/Qwen')] }));
    expect(rows.map(({ name, isOnDisk, download }) => [name, isOnDisk, download?.id])).toEqual([
      ['Qwen', true, undefined],
      ['Llama', false, 'llama'],
      ['Other', false, 'other'],
    ]);
  });

  it('is described by what is known of it', () => {
    const all = { parameters: 8.19e9, bits: 4, reasons: true, callsTools: true };
    expect(aboutModel(suggestion('Qwen', all))).toBe(
      'Good, 8-billion parameters, 4-bit, reasoning and tool calls',
    );
    const tiny = { parameters: 5.96e8, callsTools: true, reasons: false };
    expect(aboutModel(suggestion('Tiny', tiny))).toBe('Good, 596-million parameters, tool calls');
    expect(aboutModel(suggestion('Small', { parameters: 1.72e9 }))).toBe(
      'Good, 1.7-billion parameters',
    );
  });

  it('keeps the last step waiting for what is missing', () => {
    expect(waitsFor(false, false)).toBe('Finish steps 1 and 2 first');
    expect(waitsFor(true, false)).toBe('Finish step 2 first');
    expect(waitsFor(false, true)).toBe('Finish step 1 first');
    expect(waitsFor(true, true)).toBeUndefined();
  });
});
