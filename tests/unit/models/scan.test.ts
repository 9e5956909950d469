import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { snapshotsOf, hubCacheFolder, repoOfFolder } from '@core/models/hub-cache';
import {
  inspectFolder as inspectFolderRecord,
  inspectRepo as inspectRepoRecord,
} from '@core/models/inspect-model';
import { isUnchanged } from '@core/models/model-record';
import type { ModelRoot } from '@core/models/model-roots';
import { freshScan, scanRoot } from '@core/models/scan';
import { WeightsCheck } from '@core/models/weights-check';

import {
  index,
  modelFiles,
  safetensorsFile,
  writeCachedModel,
  writeModel,
} from '@fixtures/model-files';

let root: string;
let weights: WeightsCheck;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mm-scan ü-'));
  weights = new WeightsCheck();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const inspectFolder = async (folder: string, check: WeightsCheck) =>
  (await inspectFolderRecord(folder, check)).model;
const inspectRepo = async (folder: string, check: WeightsCheck) =>
  (await inspectRepoRecord(folder, check)).model;
const scanFolder = (folder: string, origin: ModelRoot['origin']) =>
  scanRoot({ path: folder, origin }, freshScan(weights));

describe('a model folder', () => {
  test('a whole one with its facts and its real size', async () => {
    const folder = path.join(root, 'm');
    await writeModel(folder);
    const model = await inspectFolder(folder, weights);
    const bytes = modelFiles().reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0);
    expect(model).toMatchObject({
      ref: folder,
      name: 'm',
      path: folder,
      sizeBytes: bytes,
      complete: true,
      architecture: 'qwen3',
      bits: 4,
      contextLength: 40960,
    });
    expect(model).not.toHaveProperty('missing');
    expect(model).not.toHaveProperty('needsCode');
  });

  test('facts of a multimodal config and of one with its own code', async () => {
    const config = {
      architectures: ['XForCausalLM'],
      text_config: { max_position_embeddings: 8192 },
      auto_map: { AutoModel: 'x.X' },
    };
    await writeModel(root, { 'config.json': JSON.stringify(config), 'x.py': 'X = 1' });
    expect(await inspectFolder(root, weights)).toMatchObject({
      code: ['x.py'],
      architecture: 'XForCausalLM',
      contextLength: 8192,
      needsCode: true,
    });
  });

  const cases: [string, Record<string, string | Buffer | undefined>, RegExp][] = [
    ['no config', { 'config.json': undefined }, /^config.json is missing$/],
    ['damaged config', { 'config.json': '{' }, /^config.json is damaged/],
    ['no tokenizer', { 'tokenizer.json': undefined }, /^tokenizer.json is missing$/],
    ['empty weights', { 'model.safetensors': '' }, /^model.safetensors is empty/],
    [
      'cut weights',
      { 'model.safetensors': safetensorsFile(500).subarray(0, 400) },
      /^model.safetensors is truncated: 400 of \d+ bytes$/,
    ],
    ['cut header', { 'model.safetensors': safetensorsFile().subarray(0, 20) }, /just its header/],
    ['garbage', { 'model.safetensors': Buffer.alloc(100, 0xff) }, /isn't a safetensors file/],
    [
      'missing shard',
      {
        'model.safetensors': undefined,
        'model-00001-of-00002.safetensors': safetensorsFile(),
        'model.safetensors.index.json': index({
          a: 'model-00001-of-00002.safetensors',
          b: 'model-00002-of-00002.safetensors',
        }),
      },
      /^model-00002-of-00002.safetensors is missing$/,
    ],
    [
      'unfinished download',
      { 'model.safetensors': undefined, 'model.safetensors.incomplete': 'x' },
      /^model.safetensors is not fully downloaded$/,
    ],
    [
      'weights that the engine does not look at',
      { 'model.safetensors': undefined, 'consolidated.safetensors': safetensorsFile() },
      /only consolidated.safetensors/,
    ],
  ];
  test.each(cases)('%s', async (_, changes, sentence) => {
    await writeModel(root, changes);
    const model = await inspectFolder(root, weights);
    expect(model?.complete).toBe(false);
    expect(model?.missing).toHaveLength(1);
    expect(model?.missing?.[0]).toMatch(sentence);
  });

  test('whole shards, and an index that was kept beside merged weights, are complete', async () => {
    const shard = 'model-00001-of-00001.safetensors';
    await writeModel(path.join(root, 'a'), {
      'model.safetensors': undefined,
      [shard]: safetensorsFile(),
      'model.safetensors.index.json': index({ w: shard }),
    });
    await writeModel(path.join(root, 'b'), {
      'model.safetensors.index.json': index({ w: 'gone.safetensors' }),
    });
    expect((await inspectFolder(path.join(root, 'a'), weights))?.complete).toBe(true);
    expect((await inspectFolder(path.join(root, 'b'), weights))?.complete).toBe(true);
  });

  test('a file that is mended is judged anew', async () => {
    await writeModel(root, { 'model.safetensors': safetensorsFile(900).subarray(0, 500) });
    expect((await inspectFolder(root, weights))?.complete).toBe(false);
    await writeFile(path.join(root, 'model.safetensors'), safetensorsFile(900));
    expect((await inspectFolder(root, weights))?.complete).toBe(true);
  });

  test('folders without safetensors weights are no models', async () => {
    await writeModel(root, { 'model.safetensors': undefined, 'model.gguf': 'x' });
    expect(await inspectFolder(root, weights)).toBeUndefined();
  });
});

describe('a Hugging Face cache', () => {
  test('the snapshot of refs/main, its links followed, its size by real path', async () => {
    await writeCachedModel(
      root,
      'org/name',
      { 'model.safetensors': safetensorsFile(9000) },
      'b'.repeat(40),
    );
    const current = await writeCachedModel(root, 'org/name');
    // A second name for the same blob takes no room of its own.
    await symlink('../../blobs/aaaa-tokenizer.json', path.join(current, 'copy.json'));
    const model = await inspectRepo(path.join(root, 'models--org--name'), weights);
    const bytes = modelFiles().reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0);
    expect(model).toMatchObject({
      ref: 'org/name',
      path: current,
      complete: true,
      sizeBytes: bytes,
    });
  });

  test('without refs the newest snapshot counts', async () => {
    const snapshot = await writeCachedModel(root, 'org/name');
    await rm(path.join(root, 'models--org--name', 'refs'), { recursive: true });
    expect((await snapshotsOf(path.join(root, 'models--org--name')))[0]).toBe(snapshot);
    await mkdir(path.join(root, 'models--org--name', 'refs'));
    await writeFile(path.join(root, 'models--org--name', 'refs', 'main'), '../../../etc');
    expect((await snapshotsOf(path.join(root, 'models--org--name')))[0]).toBe(snapshot);
  });

  test('a link whose blob is gone makes it incomplete, naming the file', async () => {
    const snapshot = await writeCachedModel(root, 'org/name');
    await unlink(path.join(root, 'models--org--name', 'blobs', 'aaaa-model.safetensors'));
    const model = await inspectRepo(path.join(root, 'models--org--name'), weights);
    expect(model?.path).toBe(snapshot);
    expect(model?.missing).toEqual(['model.safetensors is a link to a file that is gone']);
  });

  test('a download that has just begun is an incomplete model; what is of another format is said to be so', async () => {
    await writeCachedModel(root, 'org/begun', { 'model.safetensors': undefined });
    await writeFile(path.join(root, 'models--org--begun', 'blobs', 'x.incomplete'), 'x');
    await writeCachedModel(root, 'org/other', {
      'model.safetensors': undefined,
      'model.gguf': 'x',
    });
    await writeFile(path.join(root, 'models--org--other', 'blobs', 'x.incomplete'), 'x');
    await writeCachedModel(root, 'org/whole');
    await writeFile(path.join(root, 'models--org--whole', 'blobs', 'old.incomplete'), 'x');
    await mkdir(path.join(root, 'datasets--org--name', 'snapshots'), { recursive: true });
    const { models, state } = await scanFolder(root, 'huggingface');
    expect(models.map(({ ref, complete }) => [ref, complete])).toEqual([
      ['org/begun', false],
      ['org/other', false],
      ['org/whole', true],
    ]);
    expect(models[1]).toMatchObject({ state: 'unusable', unusable: expect.stringMatching(/GGUF/) });
    expect(models[0]?.missing).toEqual(['model.safetensors is not fully downloaded']);
    expect(state).toBe('ok');
  });

  test('an update that has only begun takes nothing away: the older snapshot is served', async () => {
    const older = await writeCachedModel(root, 'org/name', {}, 'b'.repeat(40));
    const newer = await writeCachedModel(root, 'org/name', { 'tokenizer.json': undefined });
    const repo = path.join(root, 'models--org--name');
    await writeFile(path.join(repo, 'refs', 'main'), 'a'.repeat(40));
    const before = await inspectRepoRecord(repo, weights);
    expect(before.model).toMatchObject({ path: older, complete: true, revision: 'b'.repeat(40) });
    await writeFile(path.join(newer, 'tokenizer.json'), '{}');
    expect(await isUnchanged({ ...before, racy: false })).toBe(false);
    expect((await inspectRepoRecord(repo, weights)).model).toMatchObject({ path: newer });
  });

  const braced = (name: string): string => `\${${name}}`;
  const homeOfRoot = (): string => (process.platform === 'darwin' ? '/var/root' : '/root');

  test('where it is, by the environment', () => {
    const hub = (env: Record<string, string>): string => hubCacheFolder({ HOME: '/h', ...env });
    expect(hub({})).toBe('/h/.cache/huggingface/hub');
    expect(hub({ XDG_CACHE_HOME: '/x' })).toBe('/x/huggingface/hub');
    expect(hub({ XDG_CACHE_HOME: '/x', HF_HOME: '~/hf' })).toBe('/h/hf/hub');
    expect(hub({ HF_HOME: '/hf', HUGGINGFACE_HUB_CACHE: '/old' })).toBe('/old');
    expect(hub({ HF_HUB_CACHE: '/new', HUGGINGFACE_HUB_CACHE: '/old' })).toBe('/new');
    // As huggingface_hub expands them: the user first, then variables; what is unknown stays.
    expect(hub({ HF_HOME: '$HOME/hf' })).toBe('/h/hf/hub');
    expect(hub({ HF_HOME: `${braced('DISK')}/hf`, DISK: '/Volumes/Big' })).toBe(
      '/Volumes/Big/hf/hub',
    );
    const unset = `/a/$NOBODY/${braced('NOTHING')}`;
    expect(hub({ HF_HOME: unset })).toBe(`${unset}/hub`);
    expect(hub({ HF_HUB_CACHE: '~root/cache' })).toBe(`${homeOfRoot()}/cache`);
    expect(hub({ XDG_CACHE_HOME: '$HOME/c' })).toBe('/h/c/huggingface/hub');
  });

  test('names of cache folders', () => {
    expect(repoOfFolder('models--org--a-b.c')).toBe('org/a-b.c');
    expect(repoOfFolder('datasets--org--name')).toBeUndefined();
    expect(repoOfFolder('models--gpt2')).toBeUndefined();
  });
});

describe('an added folder', () => {
  test("models at any of a few levels, LM Studio's org/name among them, links only once", async () => {
    await writeModel(path.join(root, 'plain'));
    await writeModel(path.join(root, 'org', 'name'));
    await writeModel(path.join(root, 'a', 'b', 'c', 'd', 'e'));
    await writeModel(path.join(root, '.hidden', 'm'));
    await writeCachedModel(path.join(root, 'hub'), 'hf/cached');
    await symlink(root, path.join(root, 'circle'));
    await symlink(path.join(root, 'plain'), path.join(root, 'again'));
    const { models } = await scanFolder(root, 'added');
    const names = models.map(({ name }) => name);
    expect(names.sort()).toEqual(['hf/cached', 'org/name', 'plain']);
    expect(models.every((model) => model.folder === root)).toBe(true);
  });

  test('a folder that is itself a model, and one that is not there', async () => {
    await writeModel(root);
    expect((await scanFolder(root, 'added')).models.map(({ ref }) => ref)).toEqual([root]);
    const missing = await scanFolder(path.join(root, 'x', 'y'), 'added');
    expect(missing).toMatchObject({ state: 'missing', models: [] });
    expect(missing.watched).toEqual([root]);
  });
});
