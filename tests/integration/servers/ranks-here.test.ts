import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { openHostShell } from '@core/servers/cluster/host-shell';
import { endRanks, findRanks } from '@core/servers/cluster/remote-ranks';
import { NONCE_VARIABLE } from '@core/servers/launch/ownership';
import { createTempHome, type TempHome } from '@fixtures/temp-home';

/** The scripts that go to each machine, run on this one. */
const HERE = [{ name: 'Here', ssh: null }];

let home: TempHome;
let rank: ChildProcess;
let nonce: string;
beforeEach(async () => {
  home = await createTempHome();
  nonce = randomUUID();
  rank = spawn('sleep', ['60'], {
    env: { ...process.env, [NONCE_VARIABLE]: nonce },
    stdio: 'ignore',
    detached: true,
  });
  await once(rank, 'spawn');
});
afterEach(async () => {
  rank.kill('SIGKILL');
  await home.close();
});

test('a rank is found by its nonce and ended, with proof', async () => {
  const shell = openHostShell({ env: process.env });
  const [found] = await findRanks(HERE, nonce, { shell });
  expect(found).toMatchObject({ reached: true, processes: [{ pid: rank.pid }] });
  const exit = once(rank, 'exit');
  const [end] = await endRanks(HERE, nonce, 2000, { shell });
  expect(end).toMatchObject({ gone: true, killed: false, survivors: [] });
  expect(await exit).toEqual([null, 'SIGTERM']);
});

test('a machine whose tools fail proves nothing', async () => {
  const bin = path.join(home.folder, 'bin');
  await mkdir(bin);
  // Both ways to look, of Linux and of macOS.
  for (const tool of ['grep', 'ps']) {
    await writeFile(path.join(bin, tool), '#!/bin/sh\nexit 2\n', { mode: 0o700 });
  }
  const shell = openHostShell({ env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
  const [found] = await findRanks(HERE, nonce, { shell });
  expect(found).toMatchObject({ reached: false, text: "Here doesn't show its processes." });
  const [end] = await endRanks(HERE, nonce, 1000, { shell });
  expect(end).toMatchObject({ gone: false, survivors: [] });
  expect(end?.text).toContain("Can't tell whether");
  expect(rank.exitCode ?? rank.signalCode).toBeNull();
});
