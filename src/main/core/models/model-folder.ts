import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import type { FileFacts, WeightsCheck } from './weights-check';

/** What a folder of weights shows about itself. */
export interface FolderFacts {
  readonly sizeBytes: number;
  readonly complete: boolean;
  /** Files that are missing or damaged, with what is wrong. */
  readonly missing: readonly string[];
  readonly architecture?: string | undefined;
  readonly bits?: number | undefined;
  readonly contextLength?: number | undefined;
  readonly needsCode?: boolean | undefined;
  /** Python files that come with it. */
  readonly code?: string[] | undefined;
  readonly modifiedAt?: string | undefined;
}

const INDEX = 'model.safetensors.index.json';
const WEIGHTS = /\.safetensors$/;
/** What mlx-lm loads (`mlx_lm/utils.py`); other names are ignored by it. */
const LOADED_WEIGHTS = /^model.*\.safetensors$/;
const TOKENIZER =
  /^(?:tokenizer\.(?:json|model)|vocab\.(?:json|txt)|tekken\.json|spiece\.model|.*\.tiktoken)$/;
/** Endings of files that a download has not finished. */
const PARTIAL = /\.(?:incomplete|part|partial|download|aria2|crdownload)$/;
/** Folders below a model that still belong to it. */
const MAX_DEPTH = 3;
const MAX_JSON_BYTES = 64_000_000;

const TextFacts = z.object({ max_position_embeddings: z.number().optional().catch(undefined) });
const Quantization = z.object({ bits: z.number().optional().catch(undefined) });
const Config = z.object({
  model_type: z.string().optional().catch(undefined),
  architectures: z.array(z.string()).optional().catch(undefined),
  max_position_embeddings: z.number().optional().catch(undefined),
  text_config: TextFacts.optional().catch(undefined),
  quantization: Quantization.optional().catch(undefined),
  quantization_config: Quantization.optional().catch(undefined),
  auto_map: z.unknown().optional(),
  model_file: z.unknown().optional(),
});
const Index = z.object({ weight_map: z.record(z.string(), z.string()) });

/** A file or a link that leads nowhere, by its path below the model's folder. */
interface Entry {
  readonly name: string;
  readonly facts: FileFacts | undefined;
}

/**
 * Looks at a folder as a model.
 * @returns undefined when it is none: no safetensors weights, neither there nor announced.
 */
export async function inspectModelFolder(
  folder: string,
  weights: WeightsCheck,
): Promise<FolderFacts | undefined> {
  const entries = await listFiles(folder);
  const top = new Map(
    entries.filter(({ name }) => !name.includes('/')).map((e) => [e.name, e.facts]),
  );
  if (!looksLikeModel(top)) return undefined;
  const config = await readJson(top.get('config.json'), Config);
  const missing = [
    ...configProblems(top, config !== undefined),
    ...(await weightsProblems(top, weights)),
    ...danglingLinks(entries),
  ];
  const code = entries.map(({ name }) => name).filter((name) => name.endsWith('.py'));
  const newest = Math.max(0, ...entries.map(({ facts }) => facts?.modifiedMs ?? 0));
  return {
    sizeBytes: totalSize(entries),
    complete: missing.length === 0,
    missing: [...new Set(missing)],
    ...(config ? describe(config) : {}),
    ...(code.length > 0 ? { code } : {}),
    ...(newest > 0 ? { modifiedAt: new Date(newest).toISOString() } : {}),
  };
}

/** Weights with a config, or a sharded model whose weights are still to come. */
function looksLikeModel(top: ReadonlyMap<string, FileFacts | undefined>): boolean {
  const names = [...top.keys()];
  if (top.has(INDEX)) return true;
  const hasWeights = names.some((name) => WEIGHTS.test(name) || isPartialWeights(name));
  return hasWeights && (top.has('config.json') || names.some((name) => LOADED_WEIGHTS.test(name)));
}

function isPartialWeights(name: string): boolean {
  return PARTIAL.test(name) && WEIGHTS.test(name.replace(PARTIAL, ''));
}

function describe(config: z.infer<typeof Config>): Partial<FolderFacts> {
  const architecture = config.model_type ?? config.architectures?.[0];
  const bits = config.quantization?.bits ?? config.quantization_config?.bits;
  const contextLength =
    config.text_config?.max_position_embeddings ?? config.max_position_embeddings;
  const needsCode = config.auto_map !== undefined || config.model_file !== undefined;
  return {
    ...(architecture === undefined ? {} : { architecture }),
    ...(bits === undefined ? {} : { bits }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(needsCode ? { needsCode } : {}),
  };
}

function configProblems(
  top: ReadonlyMap<string, FileFacts | undefined>,
  isReadable: boolean,
): string[] {
  const problems: string[] = [];
  if (!top.has('config.json')) problems.push('config.json is missing');
  else if (top.get('config.json') !== undefined && !isReadable) {
    problems.push('config.json is damaged');
  }
  if (![...top.keys()].some((name) => TOKENIZER.test(name))) {
    problems.push('tokenizer.json is missing');
  }
  return problems;
}

async function weightsProblems(
  top: ReadonlyMap<string, FileFacts | undefined>,
  weights: WeightsCheck,
): Promise<string[]> {
  const present = [...top.keys()].filter((name) => LOADED_WEIGHTS.test(name));
  const problems: string[] = [];
  for (const name of present) {
    const facts = top.get(name);
    const problem = facts && (await weights.problem(facts));
    if (problem !== undefined) problems.push(`${name} ${problem}`);
  }
  const expected = await expectedShards(top);
  if (expected === undefined) problems.push(`${INDEX} is damaged`);
  const absent = (expected ?? []).filter((name) => !top.has(name));
  // An index that was kept beside weights that were merged into one file says nothing any more.
  const isMerged = top.has('model.safetensors') && absent.length === expected?.length;
  if (!isMerged) problems.push(...absent.map((name) => `${name} is missing`));
  if (present.length === 0 && absent.length === 0) problems.push(noWeights(top));
  return problems;
}

function noWeights(top: ReadonlyMap<string, FileFacts | undefined>): string {
  const partial = [...top.keys()].find(isPartialWeights);
  if (partial !== undefined) return `${partial.replace(PARTIAL, '')} is not fully downloaded`;
  const other = [...top.keys()].find((name) => WEIGHTS.test(name));
  const found = other === undefined ? '' : `, only ${other}`;
  return `model.safetensors is missing: there is no model*.safetensors${found}`;
}

/** Names of the shards that the index lists; undefined when the index is damaged. */
async function expectedShards(
  top: ReadonlyMap<string, FileFacts | undefined>,
): Promise<string[] | undefined> {
  const file = top.get(INDEX);
  if (!file) return [];
  const index = await readJson(file, Index);
  return index && [...new Set(Object.values(index.weight_map))].sort();
}

function danglingLinks(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ facts }) => facts === undefined)
    .map(({ name }) => `${name} is a link to a file that is gone`);
}

/** Bytes on disk: a file that several names lead to counts once. */
function totalSize(entries: readonly Entry[]): number {
  const files = new Map(
    entries.flatMap(({ facts }) => (facts ? [[facts.realPath, facts.size]] : [])),
  );
  return [...files.values()].reduce((sum, size) => sum + size, 0);
}

async function readJson<T>(
  file: FileFacts | undefined,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  if (!file || file.size > MAX_JSON_BYTES) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(file.realPath, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // said by the caller as damaged
  }
}

/** All files of a model; folders that are hidden (`.cache`, `.git`) do not belong to it. */
async function listFiles(folder: string, below = '', depth = 1): Promise<Entry[]> {
  const found = await readdir(path.join(folder, below), { withFileTypes: true });
  const entries: Entry[] = [];
  for (const entry of found) {
    const name = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (depth >= MAX_DEPTH || entry.name.startsWith('.')) continue;
      entries.push(...(await listFiles(folder, name, depth + 1)));
    } else if (entry.isFile() || entry.isSymbolicLink()) {
      entries.push(...(await fileEntry(folder, name)));
    }
  }
  return entries;
}

async function fileEntry(folder: string, name: string): Promise<Entry[]> {
  const file = path.join(folder, name);
  try {
    const info = await stat(file);
    if (!info.isFile()) return [];
    const facts = { realPath: await realpath(file), size: info.size, modifiedMs: info.mtimeMs };
    return [{ name, facts }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [{ name, facts: undefined }];
    throw error;
  }
}
