import { reasonToStayAwake } from '@shell/awake';
import { deepLinkTarget } from '@shell/deep-link';
import { notificationsBetween } from '@shell/notification-model';
import { aDownload, aJob, aServer, liveData } from '@fixtures/live-data';
import type { Download } from '@shared/domain/download';
import type { ServerFailure } from '@shared/domain/server';
import { Settings } from '@shared/domain/settings';
import { describe, expect, it } from 'vitest';

describe('notifications', () => {
  const failure: ServerFailure = { code: 'load_timeout', message: 'It broke.', evidence: [] };
  const before = liveData([aServer('Qwen', { state: 'backoff' })]);
  const failed = liveData([aServer('Qwen', { state: 'failed', failure })]);

  it('tell of a server that has given up, once', () => {
    expect(notificationsBetween(before, failed)).toEqual([
      {
        kind: 'failures',
        title: 'Qwen failed: load timed out',
        body: 'It broke.',
        action: 'show:qwen',
      },
    ]);
    expect(notificationsBetween(failed, failed)).toEqual([]);
  });

  it('never tell of a crash that is being mended, a start or a stop', () => {
    for (const state of ['backoff', 'loading', 'ready', 'stopped', 'degraded'] as const) {
      expect(notificationsBetween(failed, liveData([aServer('Qwen', { state })]))).toEqual([]);
    }
  });

  it('never tell what had failed before anyone looked', () => {
    expect(notificationsBetween(liveData([]), failed)).toEqual([]);
  });

  it('tell of a start with the application that was refused, once, and not of one by hand', () => {
    const refusal = { at: '', message: 'Qwen does not fit.', shortBytes: 1 };
    const entry = { profileId: 'qwen', name: 'Qwen', state: 'failed' } as const;
    const startup = { time: '', atLogin: true, entries: [entry] };
    const waiting = liveData([aServer('Qwen')], { startup });
    const refused = liveData([aServer('Qwen', { refusal })], { startup });
    expect(notificationsBetween(waiting, refused)).toEqual([
      {
        kind: 'failures',
        title: 'Qwen didn’t start',
        body: 'Qwen does not fit.',
        action: 'show:qwen',
      },
    ]);
    expect(notificationsBetween(refused, refused)).toEqual([]);
    const byHand = liveData([aServer('Qwen', { refusal })]);
    expect(notificationsBetween(liveData([aServer('Qwen')]), byHand)).toEqual([]);
  });

  it('tell of a long installation and of one that failed, not of one that was cancelled', () => {
    const running = liveData([], { engineJobs: { job: aJob() } });
    const ended = (change: object) =>
      liveData([], {
        engineJobs: { job: aJob({ endedAt: '2026-11-23T10:01:00.000Z', ...change }) },
      });
    expect(
      notificationsBetween(running, ended({ state: 'done', version: '0.32.2' })),
    ).toMatchObject([{ kind: 'installations', title: 'mlx-lm 0.32.2 is ready' }]);
    const quick = ended({ state: 'done', endedAt: '2026-11-23T10:00:05.000Z' });
    expect(notificationsBetween(running, quick)).toEqual([]);
    expect(notificationsBetween(running, ended({ state: 'cancelled' }))).toEqual([]);
    const broken = ended({
      state: 'failed',
      failure: { code: 'offline', message: 'No network.', evidence: [] },
    });
    expect(notificationsBetween(running, broken)).toMatchObject([{ body: 'No network.' }]);
  });

  it('tell of a long download that ended and of one that failed, once', () => {
    const running = liveData([], { downloads: [aDownload('Qwen')] });
    const ended = (change: Partial<Download>) =>
      liveData([], {
        downloads: [aDownload('Qwen', { endedAt: '2026-11-23T10:05:00.000Z', ...change })],
      });
    const done = ended({ state: 'done' });
    expect(notificationsBetween(running, done)).toMatchObject([
      { kind: 'downloads', title: 'Qwen was downloaded', action: 'go:models' },
    ]);
    expect(notificationsBetween(done, done)).toEqual([]);
    const repaired = ended({ state: 'done', repair: true });
    expect(notificationsBetween(running, repaired)[0]?.title).toBe('Qwen was repaired');
    const failed = ended({
      state: 'failed',
      failure: { code: 'disk_full', message: 'No room.', evidence: [] },
    });
    expect(notificationsBetween(running, failed)).toEqual([
      {
        kind: 'downloads',
        title: 'Couldn’t download Qwen',
        body: 'No room.',
        action: 'go:discover',
      },
    ]);
  });

  it('never tell of a download that a person paused, took away, began just now, or that goes on', () => {
    const running = liveData([], { downloads: [aDownload('Qwen')] });
    const now = (change: Partial<Download>) =>
      liveData([], { downloads: [aDownload('Qwen', change)] });
    expect(notificationsBetween(running, now({ state: 'paused' }))).toEqual([]);
    expect(notificationsBetween(running, liveData([]))).toEqual([]);
    expect(notificationsBetween(running, now({ state: 'verifying' }))).toEqual([]);
    const quick = now({ state: 'done', endedAt: '2026-11-23T10:00:09.000Z' });
    expect(notificationsBetween(running, quick)).toEqual([]);
    // What had ended before anyone looked did not end just now.
    const old = now({ state: 'failed', endedAt: '2026-11-23T10:05:00.000Z' });
    expect(notificationsBetween(liveData([]), old)).toEqual([]);
    expect(notificationsBetween(now({ state: 'paused' }), old)).toEqual([]);
  });

  it('only what the person wants to hear', () => {
    const silent = { ...failed, settings: Settings.parse({ notifications: ['updates'] }) };
    expect(notificationsBetween(before, silent)).toEqual([]);
  });
});

describe('staying awake', () => {
  const sample = (cpuPercent: number) => ({
    qwen: { profileId: 'qwen', cpuPercent, processes: 1 },
  });

  it.each(['starting', 'loading', 'draining'] as const)('while a server is %s', (state) => {
    expect(reasonToStayAwake(liveData([aServer('Qwen', { state })]))).toMatch(/^Qwen /);
  });

  it('while a ready server computes, not while it waits', () => {
    const ready = [aServer('Qwen', { state: 'ready' })];
    expect(reasonToStayAwake(liveData(ready, { samples: sample(95) }))).toBe('Qwen is working');
    expect(reasonToStayAwake(liveData(ready, { samples: sample(1) }))).toBeUndefined();
    expect(reasonToStayAwake(liveData(ready))).toBeUndefined();
  });

  it('while a request is under way, though the CPU has little to do', () => {
    const ready = [aServer('Qwen', { state: 'ready' })];
    const asked = { qwen: { ...sample(2).qwen, connections: 1 } };
    expect(reasonToStayAwake(liveData(ready, { samples: asked }))).toBe('Qwen is working');
    const idle = { qwen: { ...sample(2).qwen, connections: 0 } };
    expect(reasonToStayAwake(liveData(ready, { samples: idle }))).toBeUndefined();
  });

  it('while an engine is installed, not afterwards', () => {
    expect(reasonToStayAwake(liveData([], { engineJobs: { job: aJob() } }))).toMatch(/installed/);
    const done = { job: aJob({ state: 'done' }) };
    expect(reasonToStayAwake(liveData([], { engineJobs: done }))).toBeUndefined();
  });

  it('while bytes of a model come or are verified, not while it waits', () => {
    const reason = (change: Partial<Download>) =>
      reasonToStayAwake(liveData([], { downloads: [aDownload('Qwen', change)] }));
    expect(reason({})).toBe('mlx-community/Qwen is being downloaded');
    expect(reason({ state: 'verifying' })).toMatch(/downloaded/);
    for (const state of ['queued', 'paused', 'done', 'failed'] as const) {
      expect(reason({ state })).toBeUndefined();
    }
    expect(reason({ waiting: { message: 'No network.' } })).toBeUndefined();
  });

  it('never for what is broken, queued, retried or switched off', () => {
    for (const state of ['failed', 'stuck', 'backoff', 'queued', 'stopped'] as const) {
      expect(reasonToStayAwake(liveData([aServer('Qwen', { state })]))).toBeUndefined();
    }
    const settings = Settings.parse({ keepAwake: false });
    const loading = liveData([aServer('Qwen', { state: 'loading' })], { settings });
    expect(reasonToStayAwake(loading)).toBeUndefined();
  });
});

describe('links from outside', () => {
  it.each([
    ['mlx-manager://servers', '#/servers'],
    ['mlx-manager://models/', '#/models'],
    ['mlx-manager:settings', '#/settings'],
    ['mlx-manager://servers/abcd1234', '#/servers/abcd1234'],
    ['mlx-manager://servers/abcd1234/logs', '#/servers/abcd1234/logs'],
  ])('%s shows %s', (link, target) => expect(deepLinkTarget(link)).toBe(target));

  it.each([
    'https://servers',
    'mlx-manager://start/abcd1234',
    'mlx-manager://servers/abcd1234/start',
    'mlx-manager://servers/new',
    'mlx-manager://servers/../settings',
    'mlx-manager://servers/%2e%2e/x',
    'mlx-manager://servers/a b',
    'mlx-manager://servers/abcd1234/logs/x',
    'mlx-manager://servers?start=1',
    'mlx-manager://servers#token=x',
    'mlx-manager://user@servers',
    'mlx-manager://servers:80',
    'mlx-manager://models/abcd1234',
    'mlx-manager://',
    'javascript:alert(1)',
    `mlx-manager://servers/${'a'.repeat(600)}`,
    '',
  ])('%s shows nothing', (link) => expect(deepLinkTarget(link)).toBeUndefined());
});
