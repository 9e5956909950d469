import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '@shared/domain/model';
import { z } from 'zod';
import { findDamage } from './safetensors';

/** What a model's folder says about itself. */
export type ModelFacts = Omit<Model, 'ref' | 'name' | 'usedBy' | 'origin' | 'folder'>;

/** Only what is asked for; anything else a config holds is the engine's affair. */
const Config = z.looseObject({
  model_type: z.string().optional().catch(undefined),
  max_position_embeddings: z.number().optional().catch(undefined),
  quantization: z.looseObject({ bits: z.number() }).optional().catch(undefined),
  auto_map: z.unknown().optional(),
  text_config: z
    .looseObject({ max_position_embeddings: z.number().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const Index = z.object({ weight_map: z.record(z.string(), z.string()) });

const TOKENIZERS = ['tokenizer.json', 'tokenizer.model', 'tokenizer_config.json', 'vocab.json'];

/** Looks at a folder with `config.json`: its size by real files, and whether everything is there. */
export async function inspectModel(folder: string): Promise<ModelFacts> {
  const names = await readdir(folder, { recursive: true });
  const config = await readConfig(folder);
  const missing = [...config.problems, ...(await missingFiles(folder, names))];
  const { sizeBytes, modified } = await measure(folder, names);
  const { value } = config;
  const contextLength =
    value?.text_config?.max_position_embeddings ?? value?.max_position_embeddings;
  return {
    path: folder,
    sizeBytes,
    complete: missing.length === 0,
    ...(missing.length === 0 ? {} : { missing }),
    ...(value?.model_type === undefined ? {} : { architecture: value.model_type }),
    ...(value?.quantization === undefined ? {} : { bits: value.quantization.bits }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(value?.auto_map === undefined ? {} : { needsCode: true }),
    ...(modified === 0 ? {} : { modifiedAt: new Date(modified).toISOString() }),
  };
}

async function readConfig(
  folder: string,
): Promise<{ value?: z.infer<typeof Config>; problems: string[] }> {
  const text = await readFile(path.join(folder, 'config.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return { problems: ['config.json is missing'] };
  try {
    const parsed = Config.safeParse(JSON.parse(text));
    return parsed.success
      ? { value: parsed.data, problems: [] }
      : { problems: ['config.json cannot be read'] };
  } catch {
    return { problems: ['config.json is cut off or no JSON'] };
  }
}

async function missingFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const weights = await expectedWeights(folder, names);
  const problems: string[] = [];
  if (weights.length === 0) problems.push('no weights (model*.safetensors)');
  for (const name of weights) {
    const file = path.join(folder, name);
    const there = await stat(file).then(
      () => true,
      () => false,
    );
    const damage = there ? await findDamage(file) : 'is missing';
    if (damage) problems.push(`${name} ${damage}`);
  }
  if (!TOKENIZERS.some((name) => names.includes(name))) problems.push('the tokenizer is missing');
  for (const name of names) {
    if (name.endsWith('.incomplete')) problems.push(`${name} is not finished`);
  }
  return problems;
}

/** The files of the index where there is one, else every weights file in the folder. */
async function expectedWeights(folder: string, names: readonly string[]): Promise<string[]> {
  const present = names.filter((name) => /^[^/]*\.safetensors$/.test(name));
  const text = await readFile(path.join(folder, 'model.safetensors.index.json'), 'utf8').catch(
    () => undefined,
  );
  if (text === undefined) return present;
  try {
    const index = Index.parse(JSON.parse(text));
    // A shard's name is data of a stranger: only names inside the folder are looked for.
    const shards = Object.values(index.weight_map).filter((name) => path.basename(name) === name);
    return [...new Set(shards)].sort();
  } catch {
    return present;
  }
}

/** Bytes by real path, each file once. */
async function measure(
  folder: string,
  names: readonly string[],
): Promise<{ sizeBytes: number; modified: number }> {
  const seen = new Set<string>();
  let sizeBytes = 0;
  let modified = 0;
  for (const name of names) {
    const real = await realpath(path.join(folder, name)).catch(() => undefined);
    if (real === undefined || seen.has(real)) continue;
    seen.add(real);
    const info = await stat(real).catch(() => undefined);
    if (!info?.isFile()) continue;
    sizeBytes += info.size;
    modified = Math.max(modified, info.mtimeMs);
  }
  return { sizeBytes, modified };
}
