import { MASK } from '@shared/domain/secret';
import { describe, expect, it } from 'vitest';

import {
  judge,
  notHere,
  notOk,
  ok,
  onMac,
  type Result,
  runCheck,
} from '../../../scripts/mac-check/check';
import { differences, isNear, isSameSet } from '../../../scripts/mac-check/compare';
import { count, redact, table } from '../../../scripts/mac-check/report';

const names = {
  user: 'jane.doe',
  home: '/Users/jane.doe',
  host: 'Janes-Studio.local',
  folders: [
    ['/Users/jane.doe/mlx', 'CHECKOUT'],
    ['/Users/jane.doe/mlx/release/MLX Manager.app', 'APPLICATION'],
  ],
} as const;

describe('a report', () => {
  it('has no name of a person or a machine in it', () => {
    const text =
      'in /Users/jane.doe/mlx/release/MLX Manager.app/Contents, /Users/jane.doe/mlx/dist and /Users/jane.doe/.zshrc of jane.doe on janes-studio and Janes-Studio.local';
    expect(redact(text, names)).toBe(
      'in APPLICATION/Contents, CHECKOUT/dist and ~/.zshrc of USER on HOST and HOST',
    );
  });

  it('keeps words that merely hold a name', () => {
    expect(redact('administrator', { ...names, user: 'min' })).toBe('administrator');
  });

  it.each([
    ['hf_AbCdEfGhIjKlMnOp', MASK],
    ['HF_TOKEN=abcdefghijkl rest', `HF_TOKEN=${MASK} rest`],
    ['{"token":"abcdefghijkl"}', `{"token":"${MASK}"}`],
    ['http://me:secret@proxy:80', `http://${MASK}@proxy:80`],
    ['ghp_AbCdEfGhIjKl', MASK],
  ])('has no secret in it: %s', (text, clean) => expect(redact(text, names)).toBe(clean));

  const results: Result[] = [
    { name: 'one', ...ok('fine'), ms: 100 },
    { name: 'two', ...notOk('broken\n  in two lines'), ms: 2000 },
    { name: 'three', ...notHere('macOS alone'), ms: 0 },
  ];

  it('begins with what is not ok, one line each, and counts', () => {
    const lines = table(results);
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^two\s+not ok\s+2\.0 s\s+broken in two lines$/);
    expect(lines[2]).toMatch(/^three\s+not here/);
    expect(lines[3]).toMatch(/^one\s+ok/);
    expect(count(results)).toBe('1 ok, 1 not ok, 1 not here');
  });
});

describe('a check', () => {
  it('that throws is not ok, and so is one that does not end in time', async () => {
    const broken = { name: 'a', run: () => Promise.reject(new Error('no such thing')) };
    expect(await runCheck(broken)).toMatchObject({ state: 'not ok', seen: 'no such thing' });
    const { promise, resolve } = Promise.withResolvers<void>();
    let hasCleaned = false;
    const endless = {
      name: 'b',
      limitMs: 5,
      run: async (signal: AbortSignal) => {
        signal.addEventListener('abort', () => resolve());
        await promise;
        hasCleaned = true;
        return ok('too late');
      },
    };
    const late = await runCheck(endless);
    expect(late).toMatchObject({ state: 'not ok', seen: 'no answer within 0.005 s' });
    expect(hasCleaned).toBe(true);
  });

  it('that is for macOS alone says so elsewhere', async () => {
    const check = { name: 'a', run: async () => ok('here') };
    expect(await onMac(check, 'linux').run(AbortSignal.abort())).toEqual(notHere('macOS alone'));
    expect(await onMac(check, 'darwin').run(AbortSignal.abort())).toEqual(ok('here'));
  });

  it('is ok when nothing is wrong', () => {
    expect(judge([], 'seen')).toEqual(ok('seen'));
    expect(judge(['a', 'b', 'c', 'd'], 'seen')).toEqual(notOk('a; b; c (seen)'));
  });
});

describe('two ways to see processes', () => {
  const of = (pid: number, ppid = 1, startTime = '2026-11-30T10:00:00Z') => ({
    pid,
    ppid,
    pgid: pid,
    startTime,
    command: '/bin/a b',
    state: 'S',
  });
  const exact = (pid: number, ppid = 1) => of(pid, ppid, '2026-11-30T10:00:00.250000Z');

  it('agree where what lasts is the same', () => {
    const ps = [
      [of(1), of(2), of(8)],
      [of(1), of(2), of(9)],
    ] as const;
    const view = [
      [exact(1), exact(2)],
      [exact(1), exact(2)],
    ] as const;
    expect(differences({ ps, view })).toEqual([]);
  });

  it('differ where one lacks a process, or tells another parent or start', () => {
    const both = [
      [of(1), of(2)],
      [of(1), of(2)],
    ] as const;
    const lacks = [[exact(1)], [exact(1)]] as const;
    expect(differences({ ps: both, view: lacks })).toEqual(['ps alone has 2 a']);
    expect(differences({ ps: lacks, view: both })).toEqual(['the library alone has 2 a']);
    const adopted = [
      [exact(1), exact(2, 7)],
      [exact(1), exact(2, 7)],
    ] as const;
    expect(differences({ ps: both, view: adopted })).toEqual(['2 a: parent 7, by ps 1']);
    const later = [
      [exact(1), of(2, 1, '2026-11-30T11:00:00.250000Z')],
      [exact(1), of(2, 1, '2026-11-30T11:00:00.250000Z')],
    ] as const;
    expect(differences({ ps: both, view: later })[0]).toMatch(/began 2026-11-30T11/);
    const silent = [
      [exact(1), of(2, 1, '')],
      [exact(1), of(2, 1, '')],
    ] as const;
    expect(differences({ ps: both, view: silent })[0]).toMatch(/not told/);
  });

  it('tell numbers that are near each other', () => {
    expect(isNear(100, 95, 0.05, 0)).toBe(true);
    expect(isNear(100, 94, 0.05, 0)).toBe(false);
    expect(isNear(100, 94, 0.05, 1)).toBe(true);
    expect(isSameSet([1, 2], [2, 1])).toBe(true);
    expect(isSameSet([1, 2], [2, 3])).toBe(false);
  });
});
