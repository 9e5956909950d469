import path from 'node:path';

import type { Model } from '@shared/domain/model';

import { chatTemplateIn } from '../parsers/read-parser-facts';
import { templateFacts } from '../parsers/template-facts';
import { configFacts } from '../verdict/model-config';
import { parsePythonJson } from '../verdict/python-json';
import { INDEX, type WeightsIndex } from '../verdict/weights-index';
import { isPartialWeights } from '../verdict/unfinished';
import { judge, type Verdict } from '../verdict/verdict';
import { type FileFacts, readBeginning, stampOf } from './disk';
import { folderSource, readText } from './folder-source';
import { cardFacts } from './model-card';
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
  | 'unusable'
  | 'loaders'
  | 'wholeWeights'
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
  readonly state: Verdict['state'];
  /** Files that are missing or damaged, with what is wrong. */
  readonly missing: readonly string[];
};

/** What a folder of weights shows about itself. */
export interface FolderFacts {
  readonly shown: Shown;
  readonly weights: readonly WeightsFile[];
  /** Bytes of the files that are loaded, whole or not. */
  readonly weightsBytes: number;
  /** What the verdict holds against it. */
  readonly problems: Verdict['problems'];
  /** Its parsed config.json; undefined where there is none that can be read. */
  readonly config: unknown;
  /** Everything that was looked at, by its path below the folder, and how it looked. */
  readonly seen: readonly (readonly [string, string])[];
}

type Top = ReadonlyMap<string, ModelFile>;

const MAX_TEMPLATE_BYTES = 5_000_000;
/** The front matter stands at the beginning of a model card. */
const CARD_BYTES = 8192;
const ADAPTER = 'adapter_config.json';

/**
 * Looks at a folder as a model.
 * @returns undefined when it is none: nothing in it is weights for MLX, there or announced.
 */
export async function inspectModelFolder(
  folder: string,
  check: WeightsCheck,
): Promise<FolderFacts | undefined> {
  const listed = await listModelFiles(folder);
  const names = listed.files.map(({ name }) => name).filter((name) => !name.includes('/'));
  return announcesModel(names) ? inspectFiles(listed, check) : undefined;
}

/** What the files of a folder are, whether they are a model for MLX or not. */
export async function inspectFiles(listed: ModelFiles, check: WeightsCheck): Promise<FolderFacts> {
  const { files } = listed;
  const top = new Map(files.filter(({ name }) => !name.includes('/')).map((f) => [f.name, f]));
  const card = await readCard(top);
  const verdict = await judge(folderSource(files, check), card.pipeline);
  const weights = await readWeights(files, verdict, check);
  const facts = configFacts(verdict.config);
  const template = await readTemplate(files);
  const shown: Shown = {
    ...sizes(files, weights, verdict),
    ...problemsOf(verdict, weights),
    kind: verdict.kind,
    ...facts,
    ...parametersOf(weights, verdict.index, facts.groupSize),
    ...(template === undefined ? {} : { template }),
    ...(card.licence === undefined ? {} : { licence: card.licence }),
    ...codeOf(files),
    ...timesOf(files, weights),
  };
  return {
    shown,
    weights: wholeWeights(weights),
    weightsBytes: totalSize(weights.map(({ file }) => file)),
    problems: verdict.problems,
    config: verdict.config,
    seen: seenOf(listed),
  };
}

/** How everything that was looked at looked: a link that leads nowhere is empty. */
function seenOf({ files, folders }: ModelFiles): [string, string][] {
  return [...folders, ...files].map(({ name, facts }) => [name, facts ? stampOf(facts) : '']);
}

/** Whether the names in a folder are those of a model, or of what is taken for one: an adapter, an image model. */
export function announcesModel(names: readonly string[]): boolean {
  const has = new Set(names);
  if (has.has(INDEX) || has.has(ADAPTER) || has.has('model_index.json')) return true;
  const weights = names.filter(
    (name) => /\.(?:safetensors|npz)$/.test(name) || isPartialWeights(name),
  );
  return has.has('config.json')
    ? weights.length > 0
    : weights.some((name) => /^model.*\.safetensors$/.test(name));
}

interface ReadWeights {
  readonly file: ModelFile;
  readonly facts: WeightsFacts;
}

async function readWeights(
  files: readonly ModelFile[],
  verdict: Verdict,
  check: WeightsCheck,
): Promise<ReadWeights[]> {
  const loaded = new Set(verdict.weights);
  const found: ReadWeights[] = [];
  for (const file of files) {
    if (!loaded.has(file.name) || !file.facts) continue;
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

/** The verdict in the words of the library. */
function problemsOf(
  { state, problems, loaders, hasWholeWeights }: Verdict,
  weights: readonly ReadWeights[],
): Pick<
  Shown,
  'complete' | 'state' | 'missing' | 'damaged' | 'unusable' | 'loaders' | 'wholeWeights'
> {
  const bad = problems.filter(({ kind }) => kind === 'damaged');
  const sizeOf = (file: string | undefined): number =>
    weights.find((one) => one.file.name === file)?.file.facts?.size ?? 0;
  const bytes = bad.reduce((sum, one) => sum + (one.bytes ?? sizeOf(one.file)), 0);
  const texts = [...new Set(problems.map(({ text }) => text))];
  return {
    complete: state === 'complete',
    state,
    missing: state === 'unusable' ? [] : texts,
    ...(bad.length > 0
      ? { damaged: { files: bad.length, of: Math.max(weights.length, bad.length), bytes } }
      : {}),
    ...(state === 'unusable' ? { unusable: texts.join(' ') } : {}),
    ...(loaders.length > 0 ? { loaders: [...loaders] } : {}),
    ...(state !== 'complete' && hasWholeWeights ? { wholeWeights: true } : {}),
  };
}

function sizes(
  files: readonly ModelFile[],
  weights: readonly ReadWeights[],
  { index, state }: Verdict,
): Pick<Shown, 'sizeBytes' | 'expectedBytes'> {
  const sizeBytes = totalSize(files);
  const total = index?.totalSize;
  if (state === 'complete' || total === undefined) return { sizeBytes };
  const others = sizeBytes - totalSize(weights.map(({ file }) => file));
  return { sizeBytes, expectedBytes: Math.max(sizeBytes, others + total) };
}

/** A quantised group has one scale for as many values as the config says. */
function parametersOf(
  weights: readonly ReadWeights[],
  index: WeightsIndex | undefined,
  groupSize: number | undefined,
): Pick<Shown, 'parameters'> {
  const told = index?.totalParameters;
  if (told !== undefined) return { parameters: told };
  if (weights.some(({ facts }) => facts.problem !== undefined)) return {};
  const scales = weights.reduce((sum, { facts }) => sum + facts.scales, 0);
  if (scales > 0 && groupSize === undefined) return {};
  const plain = weights.reduce((sum, { facts }) => sum + facts.plain, 0);
  const parameters = plain + scales * (groupSize ?? 0);
  return parameters > 0 ? { parameters } : {};
}

/** The template that a request with tools goes through: transformers keeps further ones in a folder. */
async function readTemplate(files: readonly ModelFile[]): Promise<Shown['template']> {
  const facts = new Map(files.map((file) => [file.name, file.facts]));
  for (const name of ['additional_chat_templates/tool_use.jinja', 'chat_template.jinja']) {
    const file = facts.get(name);
    const text = file && file.size <= MAX_TEMPLATE_BYTES ? await readText(file) : undefined;
    if (text !== undefined) return templateFacts(text);
  }
  for (const name of ['chat_template.json', 'tokenizer_config.json']) {
    const file = facts.get(name);
    if (!file || file.size > MAX_TEMPLATE_BYTES) continue;
    const template = chatTemplateIn(await readJson(file));
    if (template !== undefined) return templateFacts(template);
  }
  return undefined;
}

async function readCard(top: Top): Promise<ReturnType<typeof cardFacts>> {
  const card = top.get('README.md')?.facts;
  return cardFacts(card ? ((await readBeginning(card.file, CARD_BYTES)) ?? '') : '');
}

function codeOf(files: readonly ModelFile[]): Pick<Shown, 'code'> {
  const code = files.map(({ name }) => name).filter((name) => path.extname(name) === '.py');
  return code.length > 0 ? { code } : {};
}

function timesOf(
  files: readonly ModelFile[],
  weights: readonly ReadWeights[],
): Pick<Shown, 'modifiedAt' | 'downloadedAt'> {
  const newest = (some: readonly ModelFile[]): string | undefined => {
    const at = Math.max(0, ...some.map(({ facts }) => facts?.modifiedMs ?? 0));
    return at > 0 ? new Date(at).toISOString() : undefined;
  };
  const modifiedAt = newest(files);
  const downloadedAt = newest(weights.map(({ file }) => file));
  return {
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(downloadedAt === undefined ? {} : { downloadedAt }),
  };
}

async function readJson(file: FileFacts): Promise<unknown> {
  const text = await readText(file);
  try {
    return text === undefined ? undefined : parsePythonJson(text);
  } catch {
    return undefined; // the verdict says so
  }
}
