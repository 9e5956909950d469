import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  type BuiltCli,
  buildCli,
  type CliWorld,
  createCliWorld,
  type Served,
} from '@fixtures/built-cli';
import { FAKE_ENGINE } from '@fixtures/fake-adapter';
import { writeHashedModel } from '@fixtures/hashed-model';
import { safetensorsFile } from '@fixtures/model-files';
import { findFreePort } from '@fixtures/temp-home';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const WEIGHTS = { 'model.safetensors': safetensorsFile(100_000) };

let cli: BuiltCli;
beforeAll(async () => {
  cli = await buildCli();
});
afterAll(() => cli.remove());

describe.each(['where no manager runs', 'where a manager runs'])('%s', (where) => {
  let world: CliWorld;
  let served: Served | undefined;
  let hub: string;
  beforeEach(async () => {
    world = await createCliWorld(cli);
    hub = join(world.home.folder, 'hugging face', 'hub');
    if (where === 'where a manager runs') served = await world.serve();
  });
  afterEach(async () => {
    await served?.end();
    served = undefined;
    await world.close();
  });

  it('a model is verified file by file; one changed byte is bad_hash', async () => {
    const { blob } = await writeHashedModel(hub, 'org/name', WEIGHTS);
    const lines = await world.json('model', 'verify', 'org/name');
    expect(lines.at(-1)).toEqual({ event: 'done', ref: 'org/name', files: 3, by: 'hashes' });
    expect(lines.slice(0, -1).length).toBeGreaterThanOrEqual(1);
    for (const line of lines.slice(0, -1)) {
      expect(line).toMatchObject({ event: 'progress', total: expect.any(Number) });
    }
    const bytes = await readFile(blob('model.safetensors'));
    bytes.writeUInt8(0, bytes.length - 1);
    await writeFile(blob('model.safetensors'), bytes);
    const { code, error } = await world.failure('model', 'verify', 'org/name');
    expect(code).toBe(1);
    expect(error).toMatchObject({
      code: 'bad_hash',
      data: { bad: [{ file: 'model.safetensors' }] },
    });
    const [shown] = await world.json('model', 'show', 'org/name');
    expect(shown).toMatchObject({ state: 'damaged', complete: false });
    const { stdout } = await world.run('model', 'list', '--incomplete');
    expect(stdout).toMatch(/org\/name.*damaged/);
  });

  it('a model in use is not deleted', async () => {
    served ??= await world.serve();
    await writeHashedModel(hub, 'org/name', WEIGHTS);
    await world.json('engine', 'register', 'mlx-lm', '--command', FAKE_ENGINE);
    const port = String(await findFreePort());
    await world.json('profile', 'create', 'Uses it', '--model', 'org/name', '--port', port);
    await world.json('start', 'Uses it', '--wait');
    expect(await world.failure('model', 'delete', 'org/name')).toMatchObject({
      code: 1,
      error: { code: 'in_use', message: expect.stringContaining('Uses it') },
    });
    expect(await world.json('model', 'list')).toMatchObject([
      expect.arrayContaining([expect.objectContaining({ ref: 'org/name', usedBy: ['Uses it'] })]),
    ]);
    await world.json('stop', 'Uses it');
  });

  it('a model is deleted at once, and what is no model is not found', async () => {
    await writeHashedModel(hub, 'org/name', WEIGHTS);
    const [deleted] = await world.json('model', 'delete', 'org/name');
    expect(deleted).toEqual({ deleted: 'org/name', freedBytes: expect.any(Number) });
    expect(await readdir(hub)).toEqual([]);
    expect((await world.failure('model', 'delete', 'org/name')).error).toMatchObject({
      code: 'not_found',
    });
    expect((await world.failure('model', 'delete', 'demo')).error).toMatchObject({
      code: 'conflict',
    });
  });
});
