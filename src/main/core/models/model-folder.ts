import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Model } from '@shared/domain/model';
import { z } from 'zod';

import { chatTemplateIn } from '../parsers/read-parser-facts';
import { templateFacts } from '../parsers/template-facts';
import { describeConfig } from './config-facts';
import { type FileFacts, readBeginning, stampOf } from './disk';
import { licenceInCard } from './licence';
import { listModelFiles, type ModelFile, type ModelFiles, totalSize } from './model-files';
import type { WeightsCheck, WeightsFacts } from './weights-check';

/** A file of weights, by what tells whether another one is the same. */
export interface WeightsFile {
  readonly name: string;
  readonly facts: FileFacts;
  readonly etag?: string | undefined;
  readonly header: string;
}

type Shown = Pick<
  Model,
  | 'sizeBytes'
  | 'expectedBytes'
  | 'complete'
  | 'damaged'
  | 'kind'
  | 'architecture'
  | 'bits'
  | 'groupSize'
  | 'contextLength'
  | 'parameters'
  | 'layers'
  | 'kvHeads'
  | 'template'
  | 'licence'
  | 'needsCode'
  | 'code'
  | 'modifiedAt'
  | 'downloadedAt'
> & {
  readonly state: 'complete' | 'incomplete' | 'damaged';
  /** Files that are missing or damaged, with what is wrong. */
  readonly missing: readonly string[];
};

/** What a folder of weights shows about itself. */
export interface FolderFacts {
  readonly shown: Shown;
  readonly weights: readonly WeightsFile[];
  /** Everything that was looked at, by its path below the folder, and how it looked. */
  readonly seen: readonly (readonly [string, string])[];
}

type Top = ReadonlyMap<string, ModelFile>;

const INDEX = 'model.safetensors.index.json';
const WEIGHTS = /\.safetensors$/;
/** What mlx-lm loads (`mlx_lm/utils.py`); other names are ignored by it. */
const LOADED_WEIGHTS = /^model.*\.safetensors$/;
const TOKENIZER =
  /^(?:tokenizer\.(?:json|model)|vocab\.(?:json|txt)|tekken\.json|spiece\.model|.*\.tiktoken)$/;
/** Endings of files that a download has not finished. */
const PARTIAL = /\.(?:incomplete|part|partial|download|aria2|crdownload)$/;
const MAX_JSON_BYTES = 64_000_000;
const MAX_TEMPLATE_BYTES = 5_000_000;
/** The front matter stands at the beginning of a model card. */
const CARD_BYTES = 8192;

const Index = z.object({
  metadata: z
    .object({
      total_size: z.number().positive().optional().catch(undefined),
      total_parameters: z.number().positive().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  weight_map: z.record(z.string(), z.string()),
});
type Index = z.infer<typeof Index>;

/**
 * Looks at a folder as a model.
 * @returns undefined when it is none: no safetensors weights, neither there nor announced.
 */
export async function inspectModelFolder(
  folder: string,
  check: WeightsCheck,
): Promise<FolderFacts | undefined> {
  const listed = await listModelFiles(folder);
  const { files } = listed;
  const top = new Map(files.filter(({ name }) => !name.includes('/')).map((f) => [f.name, f]));
  if (!announcesModel([...top.keys()])) return undefined;
  const config = await readJson(top.get('config.json')?.facts);
  const weights = await readWeights(top, check);
  const index = top.get(INDEX)?.facts ? await readIndex(top) : undefined;
  const facts = describeConfig(config, new Set(top.keys()));
  const problems = problemsOf(top, files, weights, index, facts !== undefined);
  const template = await readTemplate(top);
  const licence = await readLicence(top);
  const shown: Shown = {
    ...sizes(files, weights, index, problems.missing.length === 0),
    ...problems,
    ...facts,
    ...parametersOf(weights, index, facts?.groupSize),
    ...(template === undefined ? {} : { template }),
    ...(licence === undefined ? {} : { licence }),
    ...codeOf(files),
    ...timesOf(files),
  };
  return { shown, weights: wholeWeights(weights), seen: seenOf(listed) };
}

/** How everything that was looked at looked: a link that leads nowhere is empty. */
function seenOf({ files, folders }: ModelFiles): [string, string][] {
  return [...folders, ...files].map(({ name, facts }) => [name, facts ? stampOf(facts) : '']);
}

/** Weights with a config, or a sharded model whose weights are still to come. */
export function announcesModel(names: readonly string[]): boolean {
  if (names.includes(INDEX)) return true;
  const hasWeights = names.some((name) => WEIGHTS.test(name) || isPartialWeights(name));
  return (
    hasWeights && (names.includes('config.json') || names.some((name) => LOADED_WEIGHTS.test(name)))
  );
}

function isPartialWeights(name: string): boolean {
  return PARTIAL.test(name) && WEIGHTS.test(name.replace(PARTIAL, ''));
}

interface ReadWeights {
  readonly file: ModelFile;
  readonly facts: WeightsFacts;
}

async function readWeights(top: Top, check: WeightsCheck): Promise<ReadWeights[]> {
  const found: ReadWeights[] = [];
  for (const file of top.values()) {
    if (!LOADED_WEIGHTS.test(file.name) || !file.facts) continue;
    found.push({ file, facts: await check.read(file.facts) });
  }
  return found;
}

function wholeWeights(weights: readonly ReadWeights[]): WeightsFile[] {
  return weights.flatMap(({ file, facts: { header } }) =>
    file.facts && header !== undefined
      ? [{ name: file.name, facts: file.facts, etag: file.etag, header }]
      : [],
  );
}

/** What is missing and what is there and wrong, in sentences, and the state that follows. */
function problemsOf(
  top: Top,
  files: readonly ModelFile[],
  weights: readonly ReadWeights[],
  index: Index | 'damaged' | undefined,
  hasConfig: boolean,
): Pick<Shown, 'complete' | 'state' | 'missing' | 'damaged'> {
  const bad = weights.filter(({ facts }) => facts.problem !== undefined);
  const missing = [
    ...configProblems(top, hasConfig),
    ...bad.map(({ file, facts }) => `${file.name} ${facts.problem}`),
    ...(index === 'damaged' ? [`${INDEX} is damaged`] : []),
    ...missingWeights(top, index === 'damaged' ? undefined : index),
    ...files
      .filter(({ facts }) => !facts)
      .map(({ name }) => `${name} is a link to a file that is gone`),
  ];
  const bytes = bad.reduce(
    (sum, { file, facts }) => sum + (facts.needed ?? file.facts?.size ?? 0),
    0,
  );
  const state = bad.length > 0 ? 'damaged' : missing.length > 0 ? 'incomplete' : 'complete';
  return {
    complete: state === 'complete',
    state,
    missing: [...new Set(missing)],
    ...(bad.length > 0 ? { damaged: { files: bad.length, of: weights.length, bytes } } : {}),
  };
}

function configProblems(top: Top, isReadable: boolean): string[] {
  const problems: string[] = [];
  const config = top.get('config.json');
  if (!config) problems.push('config.json is missing');
  else if (config.facts !== undefined && !isReadable) problems.push('config.json is damaged');
  if (![...top.keys()].some((name) => TOKENIZER.test(name))) {
    problems.push('tokenizer.json is missing');
  }
  return problems;
}

function missingWeights(top: Top, index: Index | undefined): string[] {
  const present = [...top.keys()].filter((name) => LOADED_WEIGHTS.test(name));
  const expected = index ? [...new Set(Object.values(index.weight_map))].sort() : [];
  const absent = expected.filter((name) => !top.has(name));
  // An index that was kept beside weights that were merged into one file says nothing any more.
  const isMerged = top.has('model.safetensors') && absent.length === expected.length;
  const problems = isMerged ? [] : absent.map((name) => `${name} is missing`);
  if (present.length === 0 && absent.length === 0) problems.push(noWeights(top));
  return problems;
}

function noWeights(top: Top): string {
  const partial = [...top.keys()].find(isPartialWeights);
  if (partial !== undefined) return `${partial.replace(PARTIAL, '')} is not fully downloaded`;
  const other = [...top.keys()].find((name) => WEIGHTS.test(name));
  const found = other === undefined ? '' : `, only ${other}`;
  return `model.safetensors is missing: there is no model*.safetensors${found}`;
}

async function readIndex(top: Top): Promise<Index | 'damaged'> {
  const parsed = Index.safeParse(await readJson(top.get(INDEX)?.facts));
  return parsed.success ? parsed.data : 'damaged';
}

function sizes(
  files: readonly ModelFile[],
  weights: readonly ReadWeights[],
  index: Index | 'damaged' | undefined,
  isWhole: boolean,
): Pick<Shown, 'sizeBytes' | 'expectedBytes'> {
  const sizeBytes = totalSize(files);
  const total = index === 'damaged' ? undefined : index?.metadata?.total_size;
  if (isWhole || total === undefined) return { sizeBytes };
  const others = sizeBytes - totalSize(weights.map(({ file }) => file));
  return { sizeBytes, expectedBytes: Math.max(sizeBytes, others + total) };
}

/** A quantised group has one scale for as many values as the config says. */
function parametersOf(
  weights: readonly ReadWeights[],
  index: Index | 'damaged' | undefined,
  groupSize: number | undefined,
): Pick<Shown, 'parameters'> {
  const told = index === 'damaged' ? undefined : index?.metadata?.total_parameters;
  if (told !== undefined) return { parameters: told };
  if (weights.some(({ facts }) => facts.problem !== undefined)) return {};
  const scales = weights.reduce((sum, { facts }) => sum + facts.scales, 0);
  if (scales > 0 && groupSize === undefined) return {};
  const plain = weights.reduce((sum, { facts }) => sum + facts.plain, 0);
  const parameters = plain + scales * (groupSize ?? 0);
  return parameters > 0 ? { parameters } : {};
}

async function readTemplate(top: Top): Promise<Shown['template']> {
  const jinja = top.get('chat_template.jinja')?.facts;
  if (jinja && jinja.size <= MAX_TEMPLATE_BYTES) {
    const text = await readFile(jinja.file, 'utf8').catch(() => undefined);
    if (text !== undefined) return templateFacts(text);
  }
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const facts = top.get(name)?.facts;
    if (!facts || facts.size > MAX_TEMPLATE_BYTES) continue;
    const template = chatTemplateIn(await readJson(facts));
    if (template !== undefined) return templateFacts(template);
  }
  return undefined;
}

async function readLicence(top: Top): Promise<string | undefined> {
  const card = top.get('README.md')?.facts;
  return card && licenceInCard((await readBeginning(card.file, CARD_BYTES)) ?? '');
}

function codeOf(files: readonly ModelFile[]): Pick<Shown, 'code'> {
  const code = files.map(({ name }) => name).filter((name) => path.extname(name) === '.py');
  return code.length > 0 ? { code } : {};
}

function timesOf(files: readonly ModelFile[]): Pick<Shown, 'modifiedAt' | 'downloadedAt'> {
  const newest = (some: readonly ModelFile[]): string | undefined => {
    const at = Math.max(0, ...some.map(({ facts }) => facts?.modifiedMs ?? 0));
    return at > 0 ? new Date(at).toISOString() : undefined;
  };
  const modifiedAt = newest(files);
  const downloadedAt = newest(files.filter(({ name }) => LOADED_WEIGHTS.test(name)));
  return {
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(downloadedAt === undefined ? {} : { downloadedAt }),
  };
}

async function readJson(file: FileFacts | undefined): Promise<unknown> {
  if (!file || file.size > MAX_JSON_BYTES) return undefined;
  try {
    return JSON.parse(await readFile(file.file, 'utf8'));
  } catch {
    return undefined; // said by the caller as damaged
  }
}
