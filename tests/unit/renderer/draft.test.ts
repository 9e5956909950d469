import {
  draftChanges,
  draftOf,
  draftValues,
  newDraft,
} from '@renderer/features/servers/form/draft';
import type { ServerProfile } from '@shared/domain/profile';
import { describe, expect, it } from 'vitest';

const profile: ServerProfile = {
  id: 'abcdefgh1',
  name: 'Demo',
  model: 'demo',
  engine: 'mlx-lm',
  installation: null,
  port: 10240,
  options: { 'max-tokens': 512 },
  start: 'manual',
  restart: 'on-failure',
  loadDeadlineSeconds: 600,
  hangLimitSeconds: 60,
  host: '127.0.0.1',
  env: { A: 'x=y' },
  custom: null,
  cluster: null,
  extraArgs: ['--flag', 'a b'],
  order: 0,
  createdAt: '2026-11-23T14:00:00.000Z',
  updatedAt: '2026-11-23T14:00:00.000Z',
};

describe('a profile in the form', () => {
  it('comes out as it went in', () => {
    const values = draftValues(draftOf(profile), true);
    expect(values).toMatchObject({ env: { A: 'x=y' }, extraArgs: ['--flag', 'a b'], port: 10240 });
  });

  it('sends no local field from a browser', () => {
    const values = draftValues(draftOf(profile), false);
    expect(Object.keys(values)).not.toEqual(expect.arrayContaining(['env']));
    expect(values).not.toHaveProperty('extraArgs');
    expect(values).not.toHaveProperty('host');
  });

  it('changes only what differs, options as a whole', () => {
    const stored = draftOf(profile);
    expect(draftChanges(stored, stored, true)).toEqual({});
    const edited = { ...stored, options: { temp: 1 }, port: '12x' };
    expect(draftChanges(edited, stored, true)).toEqual({ options: { temp: 1 }, port: '12x' });
  });

  it('leaves out an empty port, so that the manager chooses one', () => {
    expect(draftValues(newDraft(undefined, 'demo'), false)).not.toHaveProperty('port');
  });
});
