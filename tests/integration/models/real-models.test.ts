import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { storedBytes } from '@core/hub/stored-values';
import { ModelFactsReader } from '@core/memory/model-facts';
import { fileBytes, type RealModel, realModels } from '@fixtures/real-models';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mlx-manager-real-models-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Files of their true sizes, which take no room: they are all hole. */
async function laidOut({ config, files }: RealModel, name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  await writeFile(join(path, 'config.json'), JSON.stringify(config));
  for (const [file, size] of Object.entries(files)) {
    await writeFile(join(path, file), '');
    await truncate(join(path, file), size);
  }
  return path;
}

/** How far a figure is from the files, in percent of them. */
function off(figure: number, files: number): number {
  return (100 * (figure - files)) / files;
}

test('the weights of real models are within 1 % of their files, by each figure that there is', async () => {
  const models = await realModels();
  const reader = new ModelFactsReader();
  const lines: string[] = [];
  for (const [index, model] of models.entries()) {
    const files = fileBytes(model);
    const facts = await reader.read(await laidOut(model, String(index)));
    const figures = {
      'on this disk': facts?.weightsBytes,
      'its index': model.totalSize,
      "the hub's count": storedBytes(model.stored, model.config),
    };
    for (const [source, figure] of Object.entries(figures)) {
      if (figure === undefined) continue;
      const percent = off(figure, files);
      const name = `${model.model}, ${model.config.model_type}`;
      lines.push(`${name}: ${source} ${figure}, files ${files}, ${percent.toFixed(4)} %`);
      expect(Math.abs(percent), `${model.model}: ${source}`).toBeLessThan(1);
    }
  }
  console.info(lines.join('\n'));
  expect(models.length).toBeGreaterThanOrEqual(20);
  expect(new Set(models.map(({ config }) => config.model_type)).size).toBeGreaterThanOrEqual(16);
});

test('where the hub counts what says nothing of bytes, its files are asked', async () => {
  const models = await realModels();
  const gptOss = models.find(({ config }) => config.model_type === 'gpt_oss');
  expect(gptOss?.stored).toBeDefined();
  expect(storedBytes(gptOss?.stored, { quantization_config: { quant_method: 'mxfp4' } })).toBe(
    undefined,
  );
});

test('weights of what cannot be judged still have their size', async () => {
  const path = join(folder, 'no model');
  await mkdir(path);
  await writeFile(join(path, 'part.safetensors'), Buffer.alloc(5000));
  expect((await new ModelFactsReader().read(path))?.weightsBytes).toBe(5000);
});
