import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

import { buildChildEnv, installerEnv } from '@core/processes/child-env';
import {
  isSameProcess,
  type ProcessInfo,
  parsePs,
  readProcess,
  readProcessTable,
  treeOf,
} from '@core/processes/process-table';

const info = (pid: number, ppid: number, pgid: number, state = 'S'): ProcessInfo => ({
  pid,
  ppid,
  pgid,
  startTime: String(pid),
  command: `p${pid}`,
  state,
});

test('ps output of macOS is parsed, commands with spaces kept', () => {
  const output = [
    '    1     0     1 Ss   Mon Nov 23 10:00:00 2026 /sbin/launchd',
    '48213   812 48213 S    Mon Nov  2 09:05:07 2026 /opt/x/bin/python3 -m mlx_lm server --port 10240',
    'garbage',
  ].join('\n');
  expect(parsePs(output)).toEqual([
    {
      pid: 1,
      ppid: 0,
      pgid: 1,
      state: 'S',
      startTime: 'Mon Nov 23 10:00:00 2026',
      command: '/sbin/launchd',
    },
    {
      pid: 48213,
      ppid: 812,
      pgid: 48213,
      state: 'S',
      startTime: 'Mon Nov 2 09:05:07 2026',
      command: '/opt/x/bin/python3 -m mlx_lm server --port 10240',
    },
  ]);
});

test('a tree is the group, the descendants, and those whose parent died, without zombies', () => {
  const table = [
    info(10, 1, 10),
    info(11, 10, 10),
    info(12, 11, 12), // its own group, still a descendant
    info(13, 1, 10), // parent died, same group
    info(14, 10, 10, 'Z'),
    info(20, 1, 20),
    info(21, 20, 20),
  ];
  expect(
    treeOf(table, 10)
      .map((p) => p.pid)
      .sort(),
  ).toEqual([10, 11, 12, 13]);
});

test('a process is known by number and start time', async () => {
  const child = spawn('sleep', ['30']);
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep was not started');
  const first = await readProcess(pid);
  expect(first?.command).toContain('sleep');
  expect((await readProcessTable()).some((p) => isSameProcess(p, first))).toBe(true);
  expect(isSameProcess({ pid, startTime: 'another' }, first)).toBe(false);
  child.kill();
  await once(child, 'exit');
  expect(await readProcess(pid)).toBeUndefined();
});

test('a child gets no variable that changes what runs; an installer keeps its index', () => {
  const base = {
    PATH: '/a:/x/node_modules/.bin:/usr/bin',
    LD_PRELOAD: 'evil.so',
    DYLD_INSERT_LIBRARIES: 'evil',
    NODE_OPTIONS: '--require evil',
    ELECTRON_RUN_AS_NODE: '1',
    PYTHONPATH: '/evil',
    UV_DEFAULT_INDEX: 'index',
    PIP_INDEX_URL: 'index',
    SSL_CERT_FILE: '/cert',
    HTTPS_PROXY: 'proxy',
    HOME: '/home/me',
  };
  const child = buildChildEnv(base, { MINE: '1' });
  expect(child).toMatchObject({ HOME: '/home/me', HTTPS_PROXY: 'proxy', MINE: '1' });
  for (const name of [
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'UV_DEFAULT_INDEX',
  ]) {
    expect(child, name).not.toHaveProperty(name);
  }
  expect(child.PATH?.split(':')).not.toContain('/x/node_modules/.bin');
  expect(installerEnv(base)).toMatchObject({ UV_DEFAULT_INDEX: 'index', SSL_CERT_FILE: '/cert' });
});
