import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';

import { type CoreHarness, createCoreHarness, jobEnd } from '../fixtures/core-harness';
import { type BenchTable, pause, spread } from './measure';

const ROUNDS = 7;

/** From spawn to the first token: through the manager and of the bare engine, one after the other. */
export async function run(): Promise<BenchTable> {
  const h = await createCoreHarness();
  try {
    const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
    await jobEnd(h.client, job.id);
    const profile = await h.createProfile();
    await bare(h, profile.id, profile.port);
    const ours: number[] = [];
    const theirs: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await bare(h, profile.id, profile.port));
      ours.push(await managed(h, profile.id));
      again.push(await bare(h, profile.id, profile.port));
    }
    const ratio = ours.map(
      (time, round) => (2 * time) / ((theirs[round] ?? 0) + (again[round] ?? 0)),
    );
    const same = theirs.map((time, round) => time / (again[round] ?? 1));
    return {
      name: `Spawn to ready, real mlx-lm, ${ROUNDS} rounds (median and range)`,
      rows: [
        ['measure', 'limit', 'measured'],
        [
          'bare engine, s',
          '',
          spread(
            theirs.map((ms) => ms / 1000),
            2,
          ),
        ],
        [
          'through the manager, s',
          '',
          spread(
            ours.map((ms) => ms / 1000),
            2,
          ),
        ],
        ['ratio', '1.05', spread(ratio, 3)],
        ['bare against bare (void outside 0.9 to 1.1)', '', spread(same, 3)],
      ],
    };
  } finally {
    await h.close();
  }
}

async function managed(h: CoreHarness, profileId: string): Promise<number> {
  await h.client.call('servers.start', { profileId });
  const { readySeconds = Number.NaN } = await h.waitFor(profileId, 'ready', 60_000);
  await h.client.call('servers.stop', { profileId });
  return readySeconds * 1000;
}

/** The same command and probes without a manager. */
async function bare(h: CoreHarness, profileId: string, port: number): Promise<number> {
  const { argv, env } = await h.client.call('profiles.command', { profileId });
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  try {
    for (;;) {
      if (await answers(port)) return performance.now() - began;
      await pause(20);
    }
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    if (health.status !== 200) return false;
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"messages":[{"role":"user","content":"hi"}],"max_tokens":1}',
    });
    await response.text();
    return response.status === 200;
  } catch {
    return false; // not listening yet
  }
}
