import { randomInt } from 'node:crypto';

import { expect, test } from 'vitest';

import { runChaos } from '@fixtures/chaos/run';

const { MLX_MANAGER_SEED, MLX_MANAGER_ACTIONS, MLX_MANAGER_NO_INDEX } = process.env;
/** MLX_MANAGER_SEED repeats the actions of an earlier run, MLX_MANAGER_ACTIONS takes fewer of them. */
const SEED = Number(MLX_MANAGER_SEED ?? randomInt(2 ** 31));
const COUNT = Number(MLX_MANAGER_ACTIONS ?? 1000);

/** Whose process is whose is read from environments, as Linux shows them. */
test.skipIf(process.platform !== 'linux')(
  `${COUNT} random starts, stops, kills and writes leave nothing and lose nothing`,
  async () => {
    console.log(`MLX_MANAGER_SEED=${SEED}`);
    if (MLX_MANAGER_NO_INDEX) console.log(`Without real engines: ${MLX_MANAGER_NO_INDEX}.`);
    const began = performance.now();
    const { taken, runs, managers, report } = await runChaos({
      ...{ seed: SEED, actions: COUNT, atOnce: 6 },
      offline: Boolean(MLX_MANAGER_NO_INDEX),
    });
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(
      `${JSON.stringify(taken)}: ${runs} starts of engines under ${managers} managers in ${seconds} s.`,
    );
    expect(report, `MLX_MANAGER_SEED=${SEED}\n${report}`).toBe('');
  },
  1_800_000,
);
