import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { createLibrary, type LibraryHarness } from '@fixtures/library-harness';
import { safetensorsFile, writeCachedModel, writeModel } from '@fixtures/model-files';
import { Model, ModelFolder } from '@shared/domain/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let harness: LibraryHarness;
beforeEach(async () => {
  harness = await createLibrary();
});
afterEach(() => harness.close());

const at = (...parts: string[]): string => path.join(harness.root, ...parts);
const models = async (): Promise<Model[]> =>
  (await harness.library.rescan()).slice(1).map((model) => Model.parse(model));
const origins = async () =>
  (await models()).map(({ name, origin, state }) => [name, origin, state]);

describe('folders of other programs', () => {
  test('LM Studio where all of it was moved to, with the settings of that place', async () => {
    await writeFile(at('.lmstudio-home-pointer'), `${at('moved')}\n`);
    await writeModel(at('moved', 'models', 'pub', 'A-4bit'));
    await writeModel(at('other disk', 'pub', 'B-4bit'));
    await writeFile(
      at('moved', 'settings.json'),
      JSON.stringify({ downloadsFolder: at('other disk') }),
    );
    expect(await origins()).toEqual([
      ['pub/B-4bit', 'lmstudio', 'complete'],
      ['pub/A-4bit', 'lmstudio', 'complete'],
    ]);
  });

  test('LM Studio, also where its own settings put it, and oMLX', async () => {
    await writeModel(at('.lmstudio', 'models', 'lmstudio-community', 'A-4bit'));
    await writeModel(at('.cache', 'lm-studio', 'models', 'pub', 'B-4bit'));
    await writeModel(at('elsewhere', 'pub', 'C-4bit'));
    await writeModel(at('.omlx', 'models', 'D-4bit'));
    await writeFile(
      at('.lmstudio', 'settings.json'),
      JSON.stringify({ downloadsFolder: at('elsewhere') }),
    );
    expect(await origins()).toEqual([
      ['pub/C-4bit', 'lmstudio', 'complete'],
      ['lmstudio-community/A-4bit', 'lmstudio', 'complete'],
      ['pub/B-4bit', 'lmstudio', 'complete'],
      ['D-4bit', 'omlx', 'complete'],
    ]);
    const folders = (await harness.library.folders()).map((folder) => ModelFolder.parse(folder));
    expect(folders.map(({ origin, models: count }) => [origin, count])).toEqual([
      ['huggingface', 0],
      ['lmstudio', 1],
      ['lmstudio', 1],
      ['lmstudio', 1],
      ['omlx', 1],
    ]);
    expect(folders[1]?.freeBytes).toBeGreaterThan(0);
  });

  test('GGUF is no model, wherever it lies', async () => {
    await writeModel(at('.lmstudio', 'models', 'pub', 'G-GGUF'), {
      'model.safetensors': undefined,
      'g.gguf': 'x',
    });
    expect(await models()).toEqual([]);
  });

  test("Ollama's models of tensors take room and can be given to no engine", async () => {
    const store = at('.ollama', 'models');
    const manifest = (layers: [string, number][]) =>
      JSON.stringify({
        schemaVersion: 2,
        layers: layers.map(([type, size]) => ({
          mediaType: `application/vnd.ollama.image.${type}`,
          digest: `sha256:${'a'.repeat(64)}`,
          size,
        })),
      });
    const library = path.join(store, 'manifests', 'registry.ollama.ai', 'library');
    await mkdir(path.join(library, 'qwen3'), { recursive: true });
    await mkdir(path.join(library, 'llama3'), { recursive: true });
    const tensors: [string, number][] = [
      ['tensor', 1000],
      ['tensor', 500],
      ['json', 20],
    ];
    await writeFile(path.join(library, 'qwen3', '8b-mlx'), manifest(tensors));
    await writeFile(path.join(library, 'llama3', 'latest'), manifest([['model', 9000]]));
    await writeFile(path.join(library, 'llama3', 'broken'), '{');
    const [model, ...others] = await models();
    expect(others).toEqual([]);
    expect(model).toMatchObject({
      ref: 'ollama:qwen3:8b-mlx',
      origin: 'ollama',
      state: 'unusable',
      complete: false,
      sizeBytes: 1520,
      unusable: expect.stringContaining('model.safetensors'),
    });
    expect(await harness.library.show('ollama:qwen3:8b-mlx')).toEqual(model);
    expect(await harness.library.resolve('ollama:qwen3:8b-mlx')).toBeUndefined();
    await expect(harness.library.delete('ollama:qwen3:8b-mlx', true)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

test('a model that two ways lead to is one, and keeps its name', async () => {
  const snapshot = await writeCachedModel(harness.hub, 'org/name');
  await writeModel(at('.lmstudio', 'models', 'pub', 'own'));
  await mkdir(at('mine'));
  harness.added.push(at('mine'), at('.lmstudio'));
  await symlink(snapshot, at('mine', 'a link to the cache'));
  await symlink(at('.lmstudio', 'models', 'pub', 'own'), at('mine', 'a link to the other'));
  for (let look = 0; look < 3; look++) {
    expect((await models()).map(({ name }) => name)).toEqual(['org/name', 'pub/own']);
  }
});

test('facts of a model come from its own files', async () => {
  const tensors = {
    'a.weight': { dtype: 'U32', shape: [8, 8], data_offsets: [0, 256] },
    'a.scales': { dtype: 'BF16', shape: [8, 1], data_offsets: [256, 272] },
    'a.biases': { dtype: 'BF16', shape: [8, 1], data_offsets: [272, 288] },
    'norm.weight': { dtype: 'BF16', shape: [64], data_offsets: [288, 416] },
  };
  const header = JSON.stringify({ __metadata__: { format: 'mlx' }, ...tensors });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeCachedModel(harness.hub, 'org/facts', {
    'model.safetensors': Buffer.concat([length, Buffer.from(header), Buffer.alloc(416)]),
    'config.json': JSON.stringify({
      model_type: 'qwen3_vl',
      vision_config: {},
      text_config: { max_position_embeddings: 4096, num_hidden_layers: 36, num_key_value_heads: 8 },
      quantization: { bits: 4, group_size: 64 },
    }),
    'tokenizer_config.json': JSON.stringify({
      chat_template: '{% if tools %}{% endif %}{% if enable_thinking is defined %}{% endif %}',
    }),
    'README.md': '---\nlicense: other\nlicense_name: "Qwen Licence"\n---\n# x',
  });
  const [model] = await models();
  expect(model).toMatchObject({
    kind: 'vision',
    architecture: 'qwen3_vl',
    bits: 4,
    groupSize: 64,
    contextLength: 4096,
    layers: 36,
    kvHeads: 8,
    parameters: 8 * 64 + 64,
    template: { toolCalls: true, reasoning: 'switchable' },
    licence: 'Qwen Licence',
    revision: 'a'.repeat(40),
    hubRef: 'org/facts',
    downloadedAt: expect.any(String),
    unused: true,
  });
});

test('an incomplete one says what is there and what will be, a cut one what must come again', async () => {
  const shard = (n: number) => `model-0000${n}-of-00002.safetensors`;
  await writeModel(at('mine', 'half'), {
    'model.safetensors': undefined,
    [shard(1)]: safetensorsFile(1000),
    'model.safetensors.index.json': JSON.stringify({
      metadata: { total_size: 5000 },
      weight_map: { a: shard(1), b: shard(2) },
    }),
  });
  await writeModel(at('mine', 'cut'), {
    'model.safetensors': safetensorsFile(1000).subarray(0, 700),
  });
  harness.added.push(at('mine'));
  const [cut, half] = await models();
  expect(half).toMatchObject({ state: 'incomplete', missing: [`${shard(2)} is missing`] });
  expect(half?.expectedBytes).toBeGreaterThan(5000);
  expect(half?.sizeBytes).toBeLessThan(2000);
  expect(cut).toMatchObject({
    state: 'damaged',
    damaged: { files: 1, of: 1, bytes: safetensorsFile(1000).length },
  });
});

test('what is used counts as used until nothing has run it for the days of the setting', async () => {
  await writeCachedModel(harness.hub, 'org/a');
  await writeCachedModel(harness.hub, 'org/b');
  harness.users.set('org/a', ['Chat']);
  const unused = async () => (await models()).map(({ ref, unused }) => [ref, unused]);
  expect(await unused()).toEqual([
    ['org/a', false],
    ['org/b', true],
  ]);
  await harness.library.noteUse('org/a');
  harness.clock.ahead = 29 * 86_400_000;
  expect((await unused())[0]).toEqual(['org/a', false]);
  harness.clock.ahead = 31 * 86_400_000;
  expect((await unused())[0]).toEqual(['org/a', true]);
  await harness.again();
  expect((await models())[0]?.lastUsedAt).toBeDefined();
  harness.running.set('org/a', ['Chat']);
  expect((await unused())[0]).toEqual(['org/a', false]);
});

test('a model by hard links in another folder is shown there too and costs nothing', async () => {
  const folder = at('mine', 'a');
  await writeModel(folder, { 'model.safetensors': safetensorsFile(5000) });
  await writeModel(at('mine', 'b'), { 'model.safetensors': undefined });
  await link(path.join(folder, 'model.safetensors'), at('mine', 'b', 'model.safetensors'));
  harness.added.push(at('mine'));
  const found = await models();
  expect(found.map(({ name, copies }) => [name, copies])).toEqual([
    ['a', undefined],
    ['b', undefined],
  ]);
  await rename(at('mine', 'b'), at('mine', 'c'));
  await rm(folder, { recursive: true });
  expect((await models()).map(({ name }) => name)).toEqual(['c']);
});
