import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { folderSource } from '@core/models/folder-source';
import { listModelFiles } from '@core/models/model-files';
import { WeightsCheck } from '@core/models/weights-check';
import { MLX_LM_NAMES, MLX_VLM_NAMES } from '@core/memory/type-names';
import { judge } from '@core/verdict/verdict';
import { type CoreHarness, createCoreHarness, jobEnd } from '@fixtures/core-harness';
import { asObjects, type EngineTypes, engineTypes } from '@fixtures/engine-types';
import { filesOf, SHAPES, type TriedLoader } from '@fixtures/shapes';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

/** The packages that load models, each in the environment of the engine that it belongs to. */
const ENGINES = { mlx_lm: 'mlx-lm', mlx_vlm: 'mlx-vlm', mlx_whisper: 'mlx-openai-server' } as const;
const Answers = z.array(z.string());

let h: CoreHarness;
let root: string;
/** What each package says of each shape; empty where it loads it. */
const answers = new Map<TriedLoader, readonly string[]>();
/** The types that each package has code for, and maps to others. */
const types = new Map<TriedLoader, EngineTypes>();

const folderOf = (index: number): string => join(root, String(index));

beforeAll(async () => {
  h = await createCoreHarness();
  root = await mkdtemp(join(tmpdir(), 'mlx-manager-shapes-'));
  for (const [index, shape] of SHAPES.entries()) await filesOf(shape).write(folderOf(index));
  const input = JSON.stringify(SHAPES.map((_, index) => folderOf(index)));
  for (const [loader, engine] of Object.entries(ENGINES) as [
    TriedLoader,
    (typeof ENGINES)[TriedLoader],
  ][]) {
    const job = await h.client.call('engines.install', { engine });
    await jobEnd(h.client, job.id);
    const found = (await h.client.call('engines.list')).find((one) => one.engine === engine);
    if (!found?.python) throw new Error(`the installation of ${engine} has no Python`);
    const { stdout } = await execa(found.python, ['tests/fixtures/try-loaders.py', loader], {
      input,
      env: { PYTHONDONTWRITEBYTECODE: '1', HF_HUB_OFFLINE: '1' },
    });
    if (loader !== 'mlx_whisper') types.set(loader, await engineTypes(found.python, loader));
    answers.set(loader, Answers.parse(JSON.parse(stdout)));
  }
}, 900_000);

afterAll(async () => {
  await h.close();
  await rm(root, { recursive: true });
});

describe('the verdict on a model is that of the package that loads it', () => {
  test.each(SHAPES.map((shape, index) => ({ ...shape, index })))(
    '$name',
    async ({ index, ...shape }) => {
      const { files } = await listModelFiles(folderOf(index));
      const verdict = await judge(folderSource(files, new WeightsCheck()));
      for (const [loader, said] of answers) {
        const loads = said[index] === '';
        const where = `${loader} says: ${said[index] || 'loaded'}`;
        expect(shape.loads.includes(loader), where).toBe(loads);
        // Never stricter; and no milder, but where nothing in the files tells it.
        const isWhole = verdict.loaders.includes(loader);
        if (loads || shape.onlyTheLoadTells === undefined) expect(isWhole, where).toBe(loads);
      }
    },
  );
});

test('the table', () => {
  const lines = SHAPES.map(({ name, state, source, onlyTheLoadTells }, index) => {
    const said = [...answers].map(([loader, all]) => `${loader} ${all[index] ? 'fails' : 'loads'}`);
    const why = onlyTheLoadTells === undefined ? '' : ` (only the load tells: ${onlyTheLoadTells})`;
    return `${name}: ${state}; ${said.join(', ')}${why} [${source}]`;
  });
  console.info(lines.join('\n'));
  expect(lines.length).toBe(SHAPES.length);
});

test.each([
  ['mlx_lm', MLX_LM_NAMES],
  ['mlx_vlm', MLX_VLM_NAMES],
] as const)('%s maps types to others as our table has it', (loader, ours) => {
  const { byType, byArchitecture } = types.get(loader) ?? {};
  expect(asObjects(ours)).toEqual({ byType, byArchitecture });
});
