import { engineEntries, engineLook, titleIn } from '@renderer/features/engines/engine-look';
import { aJob } from '@fixtures/live-data';
import type { AvailableEngine, EngineJob, Installation } from '@shared/domain/engine';
import { expect, test } from 'vitest';

const about = (change: Partial<AvailableEngine> = {}): AvailableEngine => ({
  engine: 'mlx-lm',
  title: 'MLX LM',
  description: '',
  recommended: true,
  capabilities: ['text', 'tools'],
  loadsWith: [],
  tested: '0.32.2',
  version: null,
  installed: [],
  ...change,
});
const installation = (change: Partial<Installation> = {}): Installation => ({
  id: 'mlx-lm-0.32.2',
  engine: 'mlx-lm',
  version: '0.32.2',
  path: '/engines/mlx-lm/0.32.2',
  state: 'ready',
  inUse: true,
  sizeBytes: 1,
  origin: 'managed',
  ...change,
});
const look = (
  installations: readonly Installation[],
  { job, ...change }: Partial<AvailableEngine> & { job?: EngineJob } = {},
) =>
  engineLook({
    entry: { id: 'mlx-lm', title: 'MLX LM', about: about(change) },
    ...{ installations, job, titleOf: (engine) => `the engine ${engine}` },
  });

test('every engine is listed before it is known what can be installed, and keeps its place then', () => {
  const before = engineEntries(undefined);
  const after = engineEntries([about({ engine: 'mlx-vlm', title: 'MLX VLM' })]);
  expect(before.map(({ id }) => id)).toEqual(after.map(({ id }) => id));
  expect(titleIn(before, 'mlx-vlm')).toBe('mlx-vlm');
  expect(titleIn(after, 'mlx-vlm')).toBe('MLX VLM');
});

test('not installed: the kinds of models that it is for', () => {
  expect(look([])).toEqual({ glyph: 'stopped', version: '', fact: 'Not installed. Text.' });
  expect(look([], { capabilities: ['text', 'vision', 'audio'] }).fact).toBe(
    'Not installed. Text, images and audio.',
  );
  const failed = aJob({ state: 'failed' });
  expect(look([], { job: failed })).toMatchObject({ glyph: 'failed', fact: 'Installation failed' });
});

test('installed: the version in use, and whether there is a newer one as far as that is known', () => {
  expect(look([installation()])).toEqual({ glyph: 'ok', version: '0.32.2', fact: 'Installed' });
  expect(look([installation()], { version: '0.32.2' }).fact).toBe('Newest version');
  const kept = installation({ id: 'b', version: '0.31.3', inUse: false });
  expect(look([installation(), kept], { version: '0.33.0' }).fact).toBe(
    '0.33.0 is available, 2 installations',
  );
  expect(look([kept])).toMatchObject({ glyph: 'stopped', version: '', fact: 'No version in use' });
});

test('what cannot run, and what could not be checked, have their shapes', () => {
  const broken = installation({ state: 'broken' });
  expect(look([broken])).toMatchObject({ glyph: 'failed', fact: "Can't run", version: '0.32.2' });
  const unknown = installation({ state: 'unknown' });
  expect(look([unknown])).toMatchObject({ glyph: 'degraded', fact: "Couldn't be checked" });
});

test('one that a person registered says so, and where it is', () => {
  const registered = installation({ origin: 'registered', command: '/opt/lab/bin/serve' });
  expect(look([registered])).toMatchObject({ version: 'registered', fact: '/opt/lab/bin/serve' });
});

test('under way: how far it is; queued: after which', () => {
  const phases: EngineJob['phases'] = [
    { id: 'tools', label: 'Preparing the installer', state: 'done' },
    {
      ...{ id: 'packages', label: 'Installing packages', state: 'running' },
      progress: { done: 14, total: 38, bytes: 84e6, totalBytes: 221e6, bytesPerSecond: 4.4e6 },
    },
  ];
  const job = aJob({ version: '0.33.1', phases });
  expect(look([installation()], { job })).toEqual({
    ...{ glyph: 'loading', version: '0.32.2', fact: 'Installing 0.33.1, 84 of 221 MB' },
  });
  const warm = phases.map((phase) => ({
    ...phase,
    progress: phase.progress && { done: 3, total: 38 },
  }));
  expect(look([], { job: { ...job, phases: warm } }).fact).toBe(
    'Installing 0.33.1, 3 of 38 packages',
  );
  const early = phases.map(({ progress: _progress, ...phase }) => phase);
  expect(look([], { job: { ...job, phases: early } }).fact).toBe(
    'Installing 0.33.1: installing packages',
  );
  expect(look([], { job: aJob({ queuedAfter: 'mlx-vlm' }) })).toMatchObject({
    ...{ glyph: 'queued', fact: 'Queued, after the engine mlx-vlm' },
  });
});
