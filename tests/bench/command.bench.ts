import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';

import { startManager } from '../fixtures/manager-process';
import { createTempHome } from '../fixtures/temp-home';
import { type BenchTable, spread } from './measure';

const ROUNDS = 20;
const SYSTEM = `${process.platform}-${process.arch}`;

/** How long a short command takes from its start to its end, in turn with the same under Node and with a bare Node. */
export async function run(): Promise<BenchTable> {
  execFileSync(process.execPath, ['scripts/executable.mjs'], { stdio: 'ignore' });
  const executable = resolve('dist/command', SYSTEM, 'bin/mlx-manager');
  const built = resolve('dist/main/cli.js');
  const empty = await createTempHome();
  const manager = await startManager({ offline: true });
  const alone = { MLX_MANAGER_HOME: empty.paths.home };
  const beside = { MLX_MANAGER_HOME: manager.home.paths.home };
  const kinds: readonly Kind[] = [
    { what: 'status, a manager runs', limit: '80', env: beside, line: [executable, 'status'] },
    { what: 'status, none runs', limit: '', env: alone, line: [executable, 'status'] },
    { what: 'version', limit: '', env: alone, line: [executable, 'version'] },
    {
      what: 'status, none runs, under Node',
      limit: '',
      env: alone,
      line: [process.execPath, built, 'status'],
    },
    { what: 'Node of the executable, bare', limit: '', env: alone, line: [ownNode(), '-e', '0'] },
  ];
  try {
    const times = kinds.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, kind] of kinds.entries()) times[index]?.push(timeOf(kind));
    }
    return {
      name: `The command as a single executable, ${ROUNDS} starts each in turn`,
      rows: [
        ['measure, ms', 'limit', 'median (range)'],
        ...kinds.map(({ what, limit }, index) => [what, limit, spread(times[index] ?? [], 0)]),
      ],
    };
  } finally {
    await manager.close();
    await empty.close();
  }
}

interface Kind {
  readonly what: string;
  readonly limit: string;
  readonly env: Readonly<Record<string, string>>;
  readonly line: readonly [string, ...string[]];
}

function timeOf({ line: [file, ...words], env }: Kind): number {
  const began = performance.now();
  const { status } = spawnSync(file, words, { env: { ...process.env, ...env }, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')} exited ${status}.`);
  return performance.now() - began;
}

/** Where scripts/fetch-node.mjs puts it. */
function ownNode(): string {
  const name = readdirSync('.tools').find(
    (one) => /^node-[\d.]+-/.test(one) && one.endsWith(SYSTEM),
  );
  if (name === undefined) throw new Error(`.tools has no Node for ${SYSTEM}.`);
  return join('.tools', name, 'node');
}
