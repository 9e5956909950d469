import {
  installationLook,
  newestFirst,
  removeReason,
  rowOffer,
  runningReason,
  usersOf,
  usersText,
} from '@renderer/features/engines/installation-facts';
import { profileVersion } from '@renderer/features/engines/profile-version';
import { aProfile } from '@fixtures/a-profile';
import { aJob, aServer } from '@fixtures/live-data';
import type { EngineJob, Installation } from '@shared/domain/engine';
import { expect, test } from 'vitest';

const one = (version: string, change: Partial<Installation> = {}): Installation => ({
  id: version,
  engine: 'mlx-lm',
  version,
  path: '/x',
  state: 'ready',
  inUse: false,
  sizeBytes: 221e6,
  origin: 'managed',
  ...change,
});
const NOBODY = { all: [], running: [], pinned: [] };

test('profiles are counted, never listed; what runs and what is pinned keeps a version', () => {
  const profiles = ['a', 'b', 'c'].map((name) =>
    aProfile({ id: name, name, installation: name === 'c' ? '0.32.2' : null }),
  );
  const servers = {
    a: aServer('a', { installation: '0.32.2', state: 'ready' }),
    b: aServer('b', { installation: '0.33.0' }),
    c: aServer('c', { installation: '0.32.2' }),
  };
  const users = usersOf('0.32.2', profiles, servers);
  expect(users).toEqual({ all: ['a', 'c'], running: ['a'], pinned: ['c'] });
  expect(usersText(users)).toBe('2 profiles');
  expect(runningReason(users)).toBe('Stop a first');
  expect(removeReason(users)).toBe('Stop a first');
  expect(removeReason({ ...users, running: [] })).toBe('c is set to this version');
  expect(removeReason({ ...NOBODY, pinned: ['a', 'b'] })).toBe(
    '2 profiles are set to this version',
  );
  expect(runningReason({ ...NOBODY, running: ['a', 'b'] })).toBe('Stop its 2 servers first');
  expect(removeReason(NOBODY)).toBe(false);
  expect(usersText(NOBODY)).toBe('None');
});

test('a row says what is true of it, and leaves out what is not known', () => {
  expect(installationLook(one('0.32.2', { inUse: true, locked: true }), undefined)).toEqual({
    ...{ glyph: 'ok', tone: 'ready', state: 'In use', origin: 'Locked list', size: '221 MB' },
    selfTest: '',
  });
  expect(installationLook(one('0.31.0'), undefined)).toMatchObject({
    ...{ glyph: 'stopped', state: 'Kept', origin: 'Package index' },
  });
  expect(installationLook(one('0.31.0', { state: 'broken' }), undefined)).toMatchObject({
    ...{ glyph: 'failed', tone: 'broken', state: "Can't run" },
  });
  const registered = one('0.31.0', { origin: 'registered', sizeBytes: 0 });
  expect(installationLook(registered, undefined)).toMatchObject({ origin: 'Registered', size: '' });
});

test('one that is being installed has the size that is coming, never zero', () => {
  const coming = one('0.33.1', { state: 'installing', sizeBytes: 0 });
  const phases: EngineJob['phases'] = [
    {
      ...{ id: 'packages', label: 'Installing packages', state: 'running' },
      progress: { done: 1, total: 38, bytes: 1, totalBytes: 221e6 },
    },
    { id: 'self-test', label: 'Testing', state: 'waiting' },
  ];
  const job = aJob({ installationId: '0.33.1', phases });
  expect(installationLook(coming, job)).toMatchObject({
    ...{
      glyph: 'loading',
      tone: 'working',
      state: 'Installing',
      size: '221 MB',
      selfTest: 'Waiting',
    },
  });
  expect(installationLook(coming, undefined)).toMatchObject({ size: '', selfTest: '' });
});

test('the version before can be gone back to; one that nobody uses can go', () => {
  const sorted = newestFirst([
    ...[one('0.31.3'), one('0.30.0'), one('0.33.0', { inUse: true }), one('0.32.2'), one('0.34.0')],
  ]);
  expect(sorted.map(({ version }) => version)).toEqual(
    ...[['0.34.0', '0.33.0', '0.32.2', '0.31.3', '0.30.0']],
  );
  const offers = sorted.map((row) => rowOffer(row, NOBODY, sorted));
  expect(offers).toEqual([undefined, undefined, 'roll-back', 'remove', 'remove']);
  const used = { ...NOBODY, all: ['a'] };
  expect(rowOffer(sorted[3] ?? one(''), used, sorted)).toBe('roll-back');
});

test('the version of a profile: what runs, what a restart brings, what was chosen', () => {
  const all = [one('0.33.0', { inUse: true }), one('0.32.2')];
  const follows = { installation: null };
  const server = (installation: string | null, state: 'ready' | 'stopped' = 'stopped') => ({
    installation,
    state,
  });
  expect(profileVersion(follows, server('0.33.0'), all)).toEqual({ version: '0.33.0' });
  expect(profileVersion(follows, server('0.32.2', 'ready'), all)).toEqual({
    ...{ version: '0.32.2', note: '0.33.0 after a restart' },
  });
  const pinned = { installation: '0.32.2' };
  expect(profileVersion(pinned, server('0.32.2', 'ready'), all)).toEqual({
    ...{ version: '0.32.2', note: 'chosen in the profile' },
  });
  expect(profileVersion(pinned, server('0.33.0', 'ready'), all).note).toBe(
    '0.32.2 after a restart',
  );
  expect(profileVersion(follows, server(null), [])).toEqual({ version: undefined });
});
