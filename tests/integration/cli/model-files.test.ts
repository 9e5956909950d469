import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CliHarness, createCliHarness, type Served } from '@fixtures/cli-harness';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { writeHashedModel } from '@fixtures/hashed-model';
import { safetensorsFile } from '@fixtures/model-files';
import { findFreePort } from '@fixtures/temp-home';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const WEIGHTS = { 'model.safetensors': safetensorsFile(100_000) };

describe.each(['where no manager runs', 'where a manager runs'])('%s', (where) => {
  let harness: CliHarness;
  let served: Served | undefined;
  let hub: string;
  beforeEach(async () => {
    harness = await createCliHarness();
    hub = join(harness.home.folder, 'hugging face', 'hub');
    if (where === 'where a manager runs') served = await harness.serve();
  });
  afterEach(async () => {
    await served?.end();
    served = undefined;
    await harness.close();
  });

  it('a model is verified file by file; one changed byte is bad_hash', async () => {
    const { blob } = await writeHashedModel(hub, 'org/name', WEIGHTS);
    const lines = await harness.json('model', 'verify', 'org/name');
    expect(lines.at(-1)).toEqual({ event: 'done', ref: 'org/name', files: 3, by: 'hashes' });
    expect(lines.slice(0, -1).length).toBeGreaterThanOrEqual(1);
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatchObject({ event: 'progress', total: expect.any(Number) });
    }
    const bytes = await readFile(blob('model.safetensors'));
    bytes.writeUInt8(0, bytes.length - 1);
    await writeFile(blob('model.safetensors'), bytes);
    const { code, error } = await harness.failure('model', 'verify', 'org/name');
    expect(code).toBe(1);
    expect(error).toMatchObject({
      code: 'bad_hash',
      data: { bad: [{ file: 'model.safetensors' }] },
    });
    const [shown] = await harness.json('model', 'show', 'org/name');
    expect(shown).toMatchObject({ state: 'damaged', complete: false });
    const { stdout } = await harness.run('model', 'list', '--incomplete');
    expect(stdout).toMatch(/org\/name.*damaged/);
  });

  it('a model in use is not deleted', async () => {
    served ??= await harness.serve();
    await writeHashedModel(hub, 'org/name', WEIGHTS);
    await harness.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    const port = String(await findFreePort());
    await harness.json('profile', 'create', 'Uses it', '--model', 'org/name', '--port', port);
    await harness.json('start', 'Uses it', '--wait');
    expect(await harness.failure('model', 'delete', 'org/name')).toMatchObject({
      code: 1,
      error: { code: 'in_use', message: expect.stringContaining('Uses it') },
    });
    expect(await harness.json('model', 'list')).toMatchObject([
      expect.arrayContaining([expect.objectContaining({ ref: 'org/name', usedBy: ['Uses it'] })]),
    ]);
    await harness.json('stop', 'Uses it');
  });

  it('a model is deleted at once, and what is no model is not found', async () => {
    await writeHashedModel(hub, 'org/name', WEIGHTS);
    const [deleted] = await harness.json('model', 'delete', 'org/name');
    expect(deleted).toEqual({ deleted: 'org/name', freedBytes: expect.any(Number) });
    expect(await readdir(hub)).toEqual([]);
    expect((await harness.failure('model', 'delete', 'org/name')).error).toMatchObject({
      code: 'not_found',
    });
    expect((await harness.failure('model', 'delete', 'demo')).error).toMatchObject({
      code: 'conflict',
    });
  });
});
