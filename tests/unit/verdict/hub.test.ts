import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { type RepoFile, wantedFiles } from '@core/hub/model-files';
import type { RepoReads } from '@core/hub/repo-source';
import { repoVerdict } from '@core/hub/repo-verdict';
import { inspectFiles } from '@core/models/model-folder';
import { listModelFiles } from '@core/models/model-files';
import { WeightsCheck } from '@core/models/weights-check';
import { DEAD_LINK, filesOf, type ShapeFiles, SHAPES } from '@fixtures/shapes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mlx-manager-hub-shapes-'));
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

/** Weights that are wrong on the hub itself are found when they are here: nobody fetches them to look at them. */
const WRONG_INSIDE =
  /cut off at its end|header of nothing|metadata with a number|type that MLX has not/;
/** A hub holds no links. */
const ON_HUB = SHAPES.filter(
  (shape) =>
    !WRONG_INSIDE.test(shape.name) && ![...filesOf(shape).files.values()].includes(DEAD_LINK),
);

function repoOf({ files }: ShapeFiles): { files: RepoFile[]; reads: RepoReads } {
  const contents = new Map([...files].map(([name, content]) => [name, content as Buffer]));
  const bytes = (name: string): Buffer => contents.get(name) ?? Buffer.alloc(0);
  return {
    files: [...contents].map(([name, content]) => ({
      path: name,
      size: content.length,
      etag: createHash('sha256').update(content).digest('hex'),
    })),
    reads: {
      text: async (name) => bytes(name).toString('utf8'),
      range: async (name, start, end) => bytes(name).subarray(start, end),
    },
  };
}

describe('what the hub is said to hold is what the disk then has', () => {
  test.each(ON_HUB.map((shape, index) => ({ shape, index, name: shape.name })))(
    '$name',
    async ({ shape, index }) => {
      const all = filesOf(shape);
      const { files, reads } = repoOf(all);
      const onHub = await repoVerdict(files, { config: undefined, pipeline: undefined }, reads);

      const wanted = new Set(wantedFiles(files).map((file) => file.path));
      all.remove(...[...all.files.keys()].filter((name) => !wanted.has(name)));
      const folder = path.join(root, String(index));
      await all.put('.gitattributes', '').write(folder);
      const { shown, weightsBytes } = await inspectFiles(
        await listModelFiles(folder),
        new WeightsCheck(),
      );

      expect(onHub.kind).toBe(shown.kind);
      // GGUF and other weights are never fetched: the reason names them on the hub alone.
      expect(onHub.unusable === undefined).toBe(shown.unusable === undefined);
      expect(onHub.missing ?? []).toEqual(shown.missing);
      if (shown.complete) expect(onHub.weightsBytes).toBe(weightsBytes);
    },
  );
});

test('what cannot be read now is not held against a repository', async () => {
  const { files } = repoOf(filesOf(ON_HUB[0] as (typeof SHAPES)[number]));
  const fails = async (): Promise<never> => {
    throw new Error('offline');
  };
  const verdict = await repoVerdict(
    files,
    { config: undefined, pipeline: undefined },
    { text: fails, range: fails },
  );
  expect(verdict).toMatchObject({ unusable: undefined, missing: undefined });
});

test("where the files may not be read yet, the hub's own list tells the kind", async () => {
  const { files } = repoOf(filesOf(ON_HUB[0] as (typeof SHAPES)[number]));
  const config = { model_type: 'qwen3_vl', vision_config: {} };
  expect(await repoVerdict(files, { config, pipeline: undefined }, undefined)).toMatchObject({
    kind: 'vision',
    unusable: undefined,
    missing: undefined,
  });
});
