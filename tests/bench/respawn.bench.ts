import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FAKE_ENGINE } from '../fixtures/fake-adapter';
import { startManager } from '../fixtures/manager-process';
import { findFreePort } from '../fixtures/temp-home';
import { until } from '../fixtures/until';
import { type BenchTable, median, pause, spread } from './measure';
import { runTimed, versionOf } from './peer-run';

const ROUNDS = 15;
/** Longer than a process needs to be at rest after its start, and than PM2 calls a start unstable, ms. */
const REST_MS = 1200;

/**
 * From the death of a ready engine to the first act of the new process, beside PM2, which keeps the same program
 * alive: `npm install pm2` in a folder of its own, and that folder's bin in PATH. Each process writes down when it
 * began and when the one before it was killed is known, so both are measured from outside.
 */
export async function run(): Promise<BenchTable> {
  const folder = await mkdtemp(join(tmpdir(), 'mlx-manager-respawn-'));
  try {
    const ours = await respawns(folder);
    // Even its version begins a daemon: one of our own, which is ended with the folder.
    process.env.PM2_HOME = join(folder, 'pm2');
    const pm2 = await versionOf('pm2', '--version');
    const rows = [
      ['measure', 'limit', 'measured'],
      ['SIGKILL to the new process, ms', '15', spread(ours)],
    ];
    if (pm2 === undefined) rows.push(['beside PM2', '1.5', 'PM2 is not in PATH']);
    else {
      const theirs = await respawnsOfPm2(folder);
      rows.push([`the same by PM2 ${pm2}, ms`, '', spread(theirs)]);
      rows.push(['ours to PM2’s', '1.5', (median(ours) / median(theirs)).toFixed(2)]);
    }
    return { name: `Respawn (${ROUNDS} rounds; median and range)`, rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A program that writes when it began, in µs since 1970, and then becomes another. */
async function stamped(folder: string, name: string, next: string) {
  const stamps = join(folder, `${name}.stamps`);
  const program = join(folder, name);
  const lines = [
    '#!/bin/bash',
    `echo "$$ \${EPOCHREALTIME/[.,]/}" >> '${stamps}'`,
    `exec ${next}`,
    '',
  ];
  await writeFile(stamps, '');
  await writeFile(program, lines.join('\n'));
  await chmod(program, 0o755);
  const births: Births = async () => {
    const text = await readFile(stamps, 'utf8');
    return text
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ pid: Number(line.split(' ')[0]), at: Number(line.split(' ')[1]) }));
  };
  return { program, births };
}

type Births = () => Promise<{ pid: number; at: number }[]>;

/** Kills the newest process when it is at rest; gives the ms to the birth of the next. */
async function killNewest(births: Births): Promise<number> {
  const before = await births();
  const last = before.at(-1);
  if (!last) throw new Error('No process has begun.');
  // Fixed wait: both are measured on a process at rest.
  await pause(REST_MS);
  const killed = (performance.timeOrigin + performance.now()) * 1000;
  process.kill(last.pid, 'SIGKILL');
  const next = await until(
    async () => (await births())[before.length],
    'the process after the one that was killed',
  );
  return (next.at - killed) / 1000;
}

async function respawns(folder: string): Promise<number[]> {
  const next = `'${process.execPath}' '${FAKE_ENGINE}' "$@"`;
  const { program, births } = await stamped(folder, 'engine', next);
  const manager = await startManager({ offline: true });
  try {
    const client = await manager.client();
    const times: number[] = [];
    // A profile for each round: the second crash in a short time has its new try later, on purpose.
    for (let round = 0; round < ROUNDS; round++) {
      const { profile } = await client.call('profiles.createLocal', {
        ...{ name: `Round ${round}`, model: 'demo', port: await findFreePort() },
        ...{
          engine: 'custom',
          custom: { command: program },
          extraArgs: ['--port={port}', '--host', '{host}', '--model', '{model}'],
        },
      });
      await client.call('servers.start', { profileId: profile.id });
      await until(async () => {
        const servers = await client.call('servers.list');
        return servers.find(({ profileId }) => profileId === profile.id)?.state === 'ready';
      }, 'the engine to be ready');
      times.push(await killNewest(births));
      await client.call('servers.stop', { profileId: profile.id });
    }
    return times;
  } finally {
    await manager.close();
  }
}

async function respawnsOfPm2(folder: string): Promise<number[]> {
  const port = await findFreePort();
  const args = `'${FAKE_ENGINE}' --model '${folder}' --host 127.0.0.1 --port ${port}`;
  const next = `'${process.execPath}' ${args}`;
  const { program, births } = await stamped(folder, 'program', next);
  await runTimed(['pm2', 'start', program, '--interpreter', 'none', '--name', 'peer']);
  try {
    await until(async () => (await births()).length > 0, 'the first process under PM2');
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push(await killNewest(births));
    return times;
  } finally {
    await runTimed(['pm2', 'kill']);
  }
}
