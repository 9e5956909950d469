import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CoreHarness, createCoreHarness } from '@fixtures/core-harness';
import { writeModel } from '@fixtures/model-files';
import { createSmallEnvironment, storedEnvironment } from '@fixtures/small-environment';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CONFIG = {
  num_hidden_layers: 8,
  hidden_size: 1024,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  vocab_size: 32_000,
  max_position_embeddings: 40_960,
};
/** As an engine of another version has it: a type that is not known here, and one that we map elsewhere. */
const UTILS = `MODEL_REMAPPING = {
    "house_type": "llama",  # another name for {llama}
    'gemma4_unified': 'llama',
}

MODEL_ARCHITECTURE_REMAPPING = {
    ("qwen3", "HouseForCausalLM"): "house_of_2027",
}
`;

let h: CoreHarness;
beforeEach(async () => {
  h = await createCoreHarness();
});
afterEach(() => h.close());

async function modelOf(name: string, config: object): Promise<string> {
  const folder = join(h.home.folder, name);
  await writeModel(folder, { 'config.json': JSON.stringify({ ...CONFIG, ...config }) });
  return folder;
}

it('the sum counts a type as the installed engine maps it, for a model and for a profile', async () => {
  const house = await modelOf('house', { model_type: 'house_type' });
  const unified = await modelOf('unified', { model_type: 'gemma4_unified' });
  const llama = await modelOf('llama', { model_type: 'llama' });
  const architectures = ['HouseForCausalLM'];
  const newer = await modelOf('newer', { model_type: 'qwen3', architectures });
  const needs = (ref: string) => h.client.call('models.fit', { ref });
  const notKnown = (type: string) => [expect.stringContaining(`Unknown architecture "${type}"`)];

  expect(await needs(house), 'no engine is installed').toMatchObject({
    unknown: notKnown('house_type'),
  });
  expect((await needs(newer)).unknown).toEqual([]);

  h = await h.restart('stop', async () => {
    const env = await createSmallEnvironment(join(h.home.paths.engines, 'mlx-lm', '0.32.2'));
    await writeFile(join(env.site, 'mlx_lm', 'utils.py'), UTILS);
    const list = { version: 1, installations: [storedEnvironment(env)] };
    await writeFile(
      join(h.home.paths.documents, 'engines.json'),
      JSON.stringify({ ...list, used: { 'mlx-lm': ['mlx-lm-0.32.2'] } }),
    );
  });
  const usual = await needs(llama);
  expect(usual.unknown).toEqual([]);
  for (const [name, model] of Object.entries({ house, unified })) {
    expect(await needs(model)).toMatchObject({ parts: usual.parts, unknown: [] });
    const profile = await h.createProfile({ name, model });
    const report = await h.client.call('profiles.fit', { profileId: profile.id });
    expect(report?.fit.unknown.join()).not.toContain('Unknown architecture');
    expect(report?.fit.parts.kvCache).toBe(usual.parts.kvCache);
  }
  expect((await needs(newer)).unknown).toEqual(notKnown('house_of_2027'));
});
