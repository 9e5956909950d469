import type { ModelKind } from '@shared/domain/hub';

import { quantisationProblem } from './config-problems';
import { type Loader, LOADER_RULES, LOADERS_OF, SPARE_TENSORS } from './loaders';
import { missingWeights } from './missing-weights';
import { configFacts, isNamed } from './model-config';
import { kindOf } from './model-kind';
import type { ModelSource } from './model-source';
import { adapterProblem, foreignProblem } from './foreign';
import { isObject, parsed } from './json-object';
import { damage, gap, type Problem, refusal } from './problem';
import { tokenizerProblems } from './tokenizer-problems';
import { finishedName, isPartialWeights, unfinished } from './unfinished';
import { INDEX, readIndex, type WeightsIndex } from './weights-index';

/** What a model is, whether it is whole, and who can load it. */
export interface Verdict {
  readonly kind: ModelKind;
  readonly state: 'complete' | 'incomplete' | 'damaged' | 'unusable';
  /** Empty for a complete one. */
  readonly problems: readonly Problem[];
  /** Packages that its files are whole for; whether they know its architecture is theirs to say. */
  readonly loaders: readonly Loader[];
  /** The files of weights that are loaded. */
  readonly weights: readonly string[];
  /** Its weights are there and whole, whatever else is wrong: a start may be tried. */
  readonly hasWholeWeights: boolean;
  /** The parsed config.json; undefined where there is none, or none that can be read. */
  readonly config: unknown;
  readonly index: WeightsIndex | undefined;
}

/** What is read once for all packages. */
interface Look {
  readonly source: ModelSource;
  readonly names: readonly string[];
  readonly gone: readonly string[];
  readonly config: unknown;
  /** `unread`: it is there, and could not be read. */
  readonly configState: 'read' | 'unread' | 'missing';
  readonly index: WeightsIndex | undefined;
  /** The parsed generation_config.json; undefined where there is none, or none that can be read. */
  readonly generation: unknown;
  readonly tokenizer: readonly Problem[];
}

const CONFIG = 'config.json';
const GENERATION = 'generation_config.json';
/**
 * Judges a model by its files, never more strictly than the packages that would load it. Every screen and command
 * goes by this.
 * @param pipeline what its page on a hub, or its card, says that it is for.
 */
export async function judge(source: ModelSource, pipeline?: string): Promise<Verdict> {
  const look = await lookAt(source);
  const kind = kindOf({ config: look.config, names: new Set(look.names), pipeline });
  const base = { kind, config: look.config, index: look.index };
  const foreign = kind === 'adapter' ? await adapterProblem(source) : foreignProblem(look);
  if (foreign) {
    const problems = [foreign];
    const nothing = { loaders: [], weights: [], hasWholeWeights: false };
    return { ...base, state: 'unusable', problems, ...nothing };
  }
  const answers = await Promise.all(
    LOADERS_OF[kind].map(async (loader) => ({ loader, ...(await judgeFor(loader, kind, look)) })),
  );
  // The package that it is whole for, else the one that lacks least; of several the usual one.
  const best = answers.toSorted((a, b) => a.problems.length - b.problems.length)[0];
  const problems = best?.problems ?? [];
  return {
    ...base,
    state: stateOf(problems),
    problems,
    loaders: answers.filter((one) => one.problems.length === 0).map(({ loader }) => loader),
    weights: best?.weights ?? [],
    hasWholeWeights: answers.some((one) => one.hasWholeWeights),
  };
}

function stateOf(problems: readonly Problem[]): Verdict['state'] {
  if (problems.length === 0) return 'complete';
  if (problems.some(({ kind }) => kind === 'damaged')) return 'damaged';
  return problems.some(({ kind }) => kind === 'missing') ? 'incomplete' : 'unusable';
}

async function lookAt(source: ModelSource): Promise<Look> {
  const names: string[] = [];
  const gone: string[] = [];
  for (const { name, size } of source.files) {
    // Python's glob passes them over, and they are leavings of the system: `._model.safetensors`.
    if (name.split('/').some((part) => part.startsWith('.'))) continue;
    (size === undefined ? gone : names).push(name);
  }
  const has = new Set(names);
  const text = has.has(CONFIG) ? await source.text(CONFIG) : undefined;
  const index = has.has(INDEX) ? await source.text(INDEX) : undefined;
  const config = text === undefined ? undefined : parsed(text);
  return {
    source,
    names,
    gone,
    config: isObject(config) ? config : undefined,
    configState: text !== undefined ? 'read' : has.has(CONFIG) ? 'unread' : 'missing',
    index: index === undefined ? undefined : readIndex(index),
    generation: has.has(GENERATION) ? parsed((await source.text(GENERATION)) ?? '') : undefined,
    tokenizer: await tokenizerProblems(source, has),
  };
}

async function judgeFor(
  loader: Loader,
  kind: ModelKind,
  look: Look,
): Promise<{ problems: Problem[]; weights: string[]; hasWholeWeights: boolean }> {
  const rules = LOADER_RULES[loader];
  const { source, names, gone, index } = look;
  const found = rules.weights([...names, ...gone], index);
  const weights = found.filter((file) => !gone.includes(file));
  const bad = await badWeights(source, weights);
  const dead = found.filter((file) => gone.includes(file));
  const layers = configFacts(look.config).layers;
  const absent = await missingWeights({
    present: weights,
    index,
    layers,
    spares: loader === 'mlx_lm' || kind !== 'vision' ? SPARE_TENSORS : undefined,
    tensors: () => allTensors(source, weights),
  });
  const missing = absent.filter((file) => !dead.includes(file));
  const problems: Problem[] = [
    ...configProblems(loader, look),
    ...bad,
    ...dead.map((file) => gap(file, 'is a link to a file that is gone')),
    ...missing.map((file) => gap(file, unfinished(file, names) ?? 'is missing')),
    ...(weights.length + absent.length + dead.length === 0 ? [noWeights(loader, names)] : []),
    ...(rules.tokenizer ? look.tokenizer : []),
    ...(loader === 'mlx_vlm' && index && !index.isUsable
      ? [damage(INDEX, 'has a weight_map that is no list of files')]
      : []),
  ];
  const hasWholeWeights = weights.length > 0 && bad.length + dead.length + absent.length === 0;
  return { problems, weights, hasWholeWeights };
}

async function badWeights(source: ModelSource, weights: readonly string[]): Promise<Problem[]> {
  const found = await Promise.all(
    weights.map(async (file): Promise<Problem[]> => {
      const header = await source.header(file);
      if (header?.problem !== undefined) return [damage(file, header.problem, header.needed)];
      if (header?.unread === undefined) return [];
      return [refusal(`${file} holds numbers of the type ${header.unread}, which MLX can’t read.`)];
    }),
  );
  return found.flat();
}

async function allTensors(
  source: ModelSource,
  weights: readonly string[],
): Promise<ReadonlySet<string> | undefined> {
  const all = await Promise.all(weights.map((file) => source.tensors(file)));
  const known = all.filter((names) => names !== undefined);
  return known.length < all.length ? undefined : new Set(known.flat());
}

function configProblems(
  loader: Loader,
  { configState, config, names, generation, source }: Look,
): Problem[] {
  if (loader === 'mflux') return [];
  if (configState === 'missing') return [gap(CONFIG, 'is missing')];
  if (configState === 'unread') return source.isHere ? [damage(CONFIG, 'can’t be read')] : [];
  if (!isObject(config)) return [damage(CONFIG, 'is damaged: it isn’t a JSON object')];
  const { types, needs = [] } = LOADER_RULES[loader];
  const problems: Problem[] = [];
  if (types.length > 0 && !types.some((name) => isNamed(config[name]))) {
    problems.push(refusal('Its config.json has no model_type, so engines can’t tell what it is.'));
  }
  const absent = needs.find((name) => !isNamed(config[name]));
  if (absent !== undefined) problems.push(refusal(`Its config.json has no ${absent}.`));
  // transformers looks into it (models/auto/configuration_auto.py).
  if (types.length > 0 && config.auto_map === null) {
    problems.push(refusal('The auto_map of its config.json is null.'));
  }
  const quantised = quantisationProblem(config, loader, names.includes('hf_quant_config.json'));
  if (quantised !== undefined) {
    problems.push(refusal(`No installed engine can load it: ${quantised}.`));
  }
  if (loader === 'mlx_lm' && generation !== undefined && !isObject(generation)) {
    problems.push(damage('generation_config.json', 'isn’t a JSON object'));
  }
  return problems;
}

function noWeights(loader: Loader, names: readonly string[]): Problem {
  const partial = names.find(isPartialWeights);
  if (partial !== undefined) return gap(finishedName(partial), 'is not fully downloaded');
  const { pattern } = LOADER_RULES[loader];
  const other = names.find((name) => name.endsWith('.safetensors'));
  const found = other === undefined ? '' : `, only ${other}`;
  return gap('model.safetensors', `is missing: there is no ${pattern}${found}`);
}
