import { cachesOf } from '@core/memory/architectures';
import { MLX_LM_NAMES } from '@core/memory/type-names';
import { Architectures } from '@core/engines/architectures';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { type CacheRun, reckoned, runsOf } from '@fixtures/cache-runs';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { asObjects, type EngineTypes, engineTypes } from '@fixtures/engine-types';
import { NOT_BUILT, TINY_MODELS } from '@fixtures/tiny-models';
import type { Installation } from '@shared/domain/engine';

/**
 * The installed mlx-lm builds a tiny model of each architecture, reads prompts with it and says what its
 * caches hold; our formula has to say the same, to the byte.
 */
const Answer = z.union([z.array(z.number()), z.object({ error: z.string() })]);

let h: CoreHarness;
let installed: Installation;
let types: EngineTypes;
let answers: readonly z.infer<typeof Answer>[];

beforeAll(async () => {
  h = await createCoreHarness();
  const job = await h.client.call('engines.install', { engine: 'mlx-lm' });
  await jobEnd(h.client, job.id);
  const [installation] = await h.client.call('engines.list');
  if (!installation?.python) throw new Error('the installation has no Python');
  installed = installation;
  types = await engineTypes(installation.python, 'mlx_lm');
  const { stdout } = await execa(installation.python, ['tests/fixtures/measure-caches.py'], {
    input: JSON.stringify(
      TINY_MODELS.map((model) => ({ config: model.config, runs: runsOf(model) })),
    ),
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  answers = z.array(Answer).parse(JSON.parse(stdout));
}, 900_000);

afterAll(async () => {
  await h.close();
});

/** A line per run, so that a difference names the run. */
function lines(runs: readonly CacheRun[], bytes: readonly number[]): string[] {
  return runs.map((run, index) => `${JSON.stringify(run)}: ${bytes[index]} bytes`);
}

describe('the types of the installed mlx-lm', () => {
  test('are each built below, or said why not', () => {
    const built = new Set(TINY_MODELS.map(({ config }) => config.model_type));
    const all = [...types.types, ...Object.keys(types.byType)];
    const missing = all.filter((type) => !built.has(type) && !NOT_BUILT.has(type));
    const stale = [...NOT_BUILT.keys()].filter((type) => !all.includes(type) || built.has(type));
    console.info([...NOT_BUILT].map(([type, why]) => `Not built: ${type}: ${why}`).join('\n'));
    expect({ missing, stale }).toEqual({ missing: [], stale: [] });
    expect(types.types.length).toBeGreaterThan(100);
  });

  test('are each known to the sum', () => {
    expect(types.types.filter((type) => cachesOf(type) === undefined)).toEqual([]);
  });

  test('are mapped to others as our table has it, and as is read of the environment', async () => {
    const { byType, byArchitecture } = types;
    expect(asObjects(MLX_LM_NAMES)).toEqual({ byType, byArchitecture });
    const read = await new Architectures(() => []).namesOf(installed);
    expect(read && asObjects(read)).toEqual({ byType, byArchitecture });
  });
});

describe('the cache of a context is what mlx-lm allocates', () => {
  test.each(TINY_MODELS.map((model, index) => ({ ...model, index })))(
    '$index $name',
    ({ index, ...model }) => {
      const answer = answers[index];
      if (!Array.isArray(answer)) throw new Error(`mlx-lm: ${answer?.error}`);
      const runs = runsOf(model);
      const ours = runs.map((run) => reckoned(model, run));
      expect(lines(runs, ours)).toEqual(lines(runs, answer));
    },
  );
});
