import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { folderSource } from '@core/models/folder-source';
import { listModelFiles } from '@core/models/model-files';
import { WeightsCheck } from '@core/models/weights-check';
import { judge, type Verdict } from '@core/verdict/verdict';
import { filesOf, type Shape, SHAPES } from '@fixtures/shapes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The packages that `loads` of a shape is about. */
const TRIED: readonly string[] = ['mlx_lm', 'mlx_vlm', 'mlx_whisper'];

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mlx-manager-shapes-'));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

async function verdictOnDisk(shape: Shape, folder: string): Promise<Verdict> {
  await filesOf(shape).write(folder);
  const { files } = await listModelFiles(folder);
  return judge(folderSource(files, new WeightsCheck()));
}

describe('the verdict on models as they are found', () => {
  test.each(SHAPES.map((shape, index) => ({ ...shape, index })))(
    '$name',
    async ({ index, ...shape }) => {
      const verdict = await verdictOnDisk(shape, path.join(root, String(index)));
      expect(verdict).toMatchObject({ kind: shape.kind, state: shape.state });
      expect(verdict.problems.length === 0).toBe(shape.state === 'complete');
      if (shape.says) {
        const texts = verdict.problems.map(({ text }) => text);
        expect(
          texts.some((text) => shape.says?.test(text)),
          texts.join('; '),
        ).toBe(true);
      }
      const tried = verdict.loaders.filter((one) => TRIED.includes(one));
      if (shape.onlyTheLoadTells !== undefined)
        expect(tried).toEqual(expect.arrayContaining([...shape.loads]));
      else if (shape.kind !== 'image')
        expect(tried.toSorted()).toEqual([...shape.loads].toSorted());
    },
  );
});

test('there are enough of them, each once, each with its source', () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(80);
  expect(new Set(SHAPES.map(({ name }) => name)).size).toBe(SHAPES.length);
  for (const { source } of SHAPES)
    expect(source).toMatch(/^(?:https:\/\/github\.com\/|tried with )/);
});
