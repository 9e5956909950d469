import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';

import { createCoreHarness, jobEnd } from '../fixtures/core-harness';
import { type BenchTable, spread } from './measure';

const execute = promisify(execFile);
const ROUNDS = 5;

/** Installing mlx-lm from its locked list with a warm cache, against uv alone with the same list. */
export async function run(): Promise<BenchTable> {
  const h = await createCoreHarness();
  try {
    const install = async (): Promise<number> => {
      const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
      await jobEnd(h.client, job.id);
      const { engineJobs, installations } = await h.client.call('app.snapshot');
      const done = engineJobs.find(({ id }) => id === job.id);
      for (const { id } of installations)
        await h.client.call('engines.remove', { installationId: id });
      return done?.phases.find(({ id }) => id === 'packages')?.seconds ?? Number.NaN;
    };
    await install();
    const uv = await findUv(join(h.home.paths.home, 'tools'));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      theirs.push(await bare(uv, join(h.home.folder, 'bare')));
      ours.push(await install());
    }
    const ratio = ours.map((time, round) => time / (theirs[round] ?? 0));
    return {
      name: `Installing mlx-lm from its locked list, warm cache, ${ROUNDS} rounds (median and range)`,
      rows: [
        ['measure', 'limit', 'measured'],
        ['uv venv and uv pip sync alone, s', '', spread(theirs, 2)],
        ['the same phase of an installation, s', '', spread(ours, 2)],
        ['ratio', '1.1', spread(ratio, 3)],
      ],
    };
  } finally {
    await h.close();
  }
}

/** The uv that the manager fetched, else the one on this machine. */
async function findUv(tools: string): Promise<string> {
  const [folder] = (await readdir(tools).catch(() => [])).filter((name) => name.startsWith('uv-'));
  return folder === undefined ? 'uv' : join(tools, folder, 'bin', 'uv');
}

async function bare(uv: string, folder: string): Promise<number> {
  const lock = resolve('resources/engines/mlx-lm/linux-x64.txt');
  const began = performance.now();
  await execute(uv, ['venv', '--no-project', '--no-config', folder]);
  const python = join(folder, 'bin', 'python');
  await execute(uv, ['pip', 'sync', '--python', python, '--require-hashes', lock]);
  const seconds = (performance.now() - began) / 1000;
  await rm(folder, { recursive: true, force: true });
  return seconds;
}
