import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { Architectures } from '@core/engines/architectures';
import { realDisk } from '@core/engines/checks/disk';
import { createTempHome, type TempHome } from '@fixtures/temp-home';
import type { Installation } from '@shared/domain/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.close());

/** An environment with these files, as pip lays them out. */
async function environment(engine: string, files: Record<string, string>): Promise<Installation> {
  const folder = join(home.folder, engine);
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, 'lib', 'python3.12', 'site-packages', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return {
    id: `${engine}@1`,
    engine,
    version: '1',
    path: folder,
    state: 'ready',
    inUse: true,
    sizeBytes: 0,
    origin: 'managed',
  };
}

/** The beginning of `mlx_lm/utils.py` of 0.32.2. */
const UTILS = `MAX = 1
MODEL_REMAPPING = {
    "mistral": "llama",
    "kimi_k2": "deepseek_v3",
    "gemma4_unified": "gemma4",  # encoder-free
}
`;

it('knows by the code of the installed engines which can run a model', async () => {
  const text = await environment('mlx-lm', {
    'mlx_lm/models/llama.py': '',
    'mlx_lm/models/gemma4.py': '',
    'mlx_lm/models/__init__.py': '',
    'mlx_lm/utils.py': UTILS,
  });
  const vision = await environment('mlx-vlm', {
    'mlx_vlm/models/qwen3_vl/__init__.py': '',
    'mlx_vlm/models/gemma4/__init__.py': '',
    'mlx_vlm/utils.py': '',
  });
  const both = new Architectures(() => [text, vision]);
  expect(await both.enginesFor({ model_type: 'llama' })).toEqual(['mlx-lm']);
  expect(await both.enginesFor({ model_type: 'mistral' })).toEqual(['mlx-lm']);
  expect(await both.enginesFor({ model_type: 'gemma4' })).toEqual(['mlx-lm', 'mlx-vlm']);
  expect(await both.enginesFor({ model_type: 'gemma4_unified' })).toEqual(['mlx-lm']);
  expect(await both.enginesFor({ model_type: 'qwen3_vl' })).toEqual(['mlx-vlm']);
  // Renamed to one that this version has no code for.
  expect(await both.enginesFor({ model_type: 'kimi_k2' })).toEqual([]);
});

it('says what an installation loads as another type', async () => {
  const two = `MODEL_REMAPPING = {
    # "old": "gone",
    'a-b': 'c.d',  # not {this}
    "e": "f",
}
MODEL_ARCHITECTURE_REMAPPING = {
    ("g", "HForCausalLM"): "i",
}
`;
  const both = await environment('mlx-openai-server', {
    'mlx_lm/models/llama.py': '',
    'mlx_lm/utils.py': UTILS,
    'mlx_vlm/models/llama/__init__.py': '',
    'mlx_vlm/utils.py': `${two}\nOTHER = {"mistral": "other"}\n`,
  });
  const architectures = new Architectures(() => []);
  expect(await architectures.namesOf(both)).toEqual({
    byType: new Map([
      ['a-b', 'c.d'],
      ['e', 'f'],
      ['mistral', 'llama'],
      ['kimi_k2', 'deepseek_v3'],
      ['gemma4_unified', 'gemma4'],
    ]),
    byArchitecture: new Map([['g HForCausalLM', 'i']]),
  });
  const speech = await environment('mlx-lm', { 'other/__init__.py': '' });
  expect(await architectures.namesOf(speech)).toBeUndefined();
  expect(await architectures.namesOf({ ...both, state: 'broken' })).toBeUndefined();
});

it('reads an environment again that was upgraded where it is', async () => {
  const files = {
    'mlx_lm/models/llama.py': '',
    'mlx_lm/utils.py': 'MODEL_REMAPPING = {"a": "b"}\n',
  };
  const first = await environment('mlx-lm', files);
  const architectures = new Architectures(() => []);
  expect((await architectures.namesOf(first))?.byType).toEqual(new Map([['a', 'b']]));
  files['mlx_lm/utils.py'] = 'MODEL_REMAPPING = {"a": "c"}\n';
  const second = { ...(await environment('mlx-lm', files)), version: '2' };
  expect((await architectures.namesOf(second))?.byType).toEqual(new Map([['a', 'c']]));
});

it('says nothing where nothing is known', async () => {
  const empty = await environment('mlx-lm', { 'other/__init__.py': '' });
  const nothing = new Architectures(() => [empty]);
  expect(await nothing.enginesFor({ model_type: 'llama' })).toBeUndefined();
  expect(await new Architectures(() => []).enginesFor({ model_type: 'llama' })).toBeUndefined();
  expect(await nothing.enginesFor('no config')).toBeUndefined();
});

it('a list that could not be read is not an empty one, and is read again', async () => {
  const text = await environment('mlx-lm', { 'mlx_lm/models/llama.py': '' });
  const vision = await environment('mlx-vlm', { 'mlx_vlm/models/gemma4/__init__.py': '' });
  let isFull = true;
  const names = async (folder: string): Promise<string[] | undefined> => {
    if (isFull && folder.includes('mlx-vlm')) throw new Error('EMFILE: too many open files');
    return realDisk.names(folder);
  };
  const both = new Architectures(() => [text, vision], { ...realDisk, names });
  expect(await both.enginesFor({ model_type: 'llama' })).toEqual(['mlx-lm']);
  expect(await both.enginesFor({ model_type: 'gemma4' }), 'one of them may').toBeUndefined();
  isFull = false;
  expect(await both.enginesFor({ model_type: 'gemma4' })).toEqual(['mlx-vlm']);
  expect(await both.enginesFor({ model_type: 'nobody' })).toEqual([]);
});
