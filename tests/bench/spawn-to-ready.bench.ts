import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { adapters } from '@core/engines/adapters';
import type { EngineAdapter } from '@core/engines/adapters/adapter';
import type { InstallableId } from '@shared/domain/profile';

import { type CoreHarness, createCoreHarness, jobEnd } from '../fixtures/core-harness';
import { type BenchTable, median, pause, spread } from './measure';

/** Rounds and limit by engine; one of mlx-openai-server takes a minute. */
const PLAN: Readonly<Record<string, { rounds: number; limit: string }>> = {
  'mlx-lm': { rounds: 7, limit: '1.05' },
  'mlx-vlm': { rounds: 5, limit: '1.05' },
  'vllm-mlx': { rounds: 5, limit: '1.05' },
  'mlx-openai-server': { rounds: 3, limit: '1.02' },
};

/** From spawn to the first token: through the manager and of the bare engine, one after the other. */
export async function run(): Promise<BenchTable> {
  const h = await createCoreHarness();
  const head = ['engine', 'bare, s', 'managed, s', 'limit', 'ratio', 'bare against bare'];
  try {
    const rows: string[][] = [];
    for (const adapter of adapters) rows.push(await measure(h, adapter));
    return {
      name: 'Spawn to ready, real engines (median and range; void where bare against bare leaves 0.9 to 1.1)',
      rows: [head, ...rows],
    };
  } finally {
    await h.close();
  }
}

async function measure(h: CoreHarness, adapter: EngineAdapter): Promise<string[]> {
  const { rounds, limit } = PLAN[adapter.id] ?? { rounds: 3, limit: '' };
  const engine = adapter.id as InstallableId;
  const job = await h.client.call('engines.install', { engine });
  await jobEnd(h.client, job.id);
  const profile = await h.createProfile({ engine, name: engine });
  await bare(h, profile.id, profile.port, adapter);
  const ours: number[] = [];
  const theirs: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < rounds; round++) {
    theirs.push(await bare(h, profile.id, profile.port, adapter));
    ours.push(await managed(h, profile.id));
    again.push(await bare(h, profile.id, profile.port, adapter));
  }
  // Against the mean of the bare runs before and after, so that a machine that slows down counts for both.
  const ratio = ours.map(
    (time, round) => (2 * time) / ((theirs[round] ?? 0) + (again[round] ?? 0)),
  );
  const same = theirs.map((time, round) => time / (again[round] ?? 1));
  const seconds = (times: readonly number[]): string => (median(times) / 1000).toFixed(2);
  return [engine, seconds(theirs), seconds(ours), limit, spread(ratio, 3), spread(same, 3)];
}

async function managed(h: CoreHarness, profileId: string): Promise<number> {
  await h.client.call('servers.start', { profileId });
  const { readySeconds = Number.NaN } = await h.waitFor(profileId, 'ready', 120_000);
  await h.client.call('servers.stop', { profileId });
  return readySeconds * 1000;
}

/** The same command and probes without a manager. */
async function bare(
  h: CoreHarness,
  profileId: string,
  port: number,
  adapter: EngineAdapter,
): Promise<number> {
  const { argv, env } = await h.client.call('profiles.command', { profileId });
  const modelPath = argv.find((word) => word.endsWith('/models/demo')) ?? '';
  const proof = adapter.proof?.(adapter.requestModel(modelPath), undefined);
  const [file = '', ...args] = argv;
  const began = performance.now();
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  });
  try {
    for (;;) {
      if (await answers(port, proof)) return performance.now() - began;
      await pause(20);
    }
  } finally {
    const ended = once(child, 'exit');
    // The whole group: one of the engines has a child that holds the model.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
  }
}

async function answers(
  port: number,
  proof: { path: string; body: unknown } | undefined,
): Promise<boolean> {
  try {
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    if (health.status !== 200 || !proof) return false;
    const response = await fetch(`http://127.0.0.1:${port}${proof.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(proof.body),
    });
    await response.text();
    return response.status === 200;
  } catch {
    return false; // not listening yet
  }
}
