import type { WeightsIndex } from './weights-index';

/** What is there of a model's weights, and what ought to be. */
export interface WeightsSet {
  /** The files that are loaded. */
  readonly present: readonly string[];
  readonly index: WeightsIndex | undefined;
  /** Layers of the model, as its config says. */
  readonly layers: number | undefined;
  /** Tensors that the engine does without. */
  readonly spares?: RegExp | undefined;
  /** Names of the tensors in the files that are there; undefined where they cannot be read. */
  readonly tensors: () => Promise<ReadonlySet<string> | undefined>;
}

const NUMBERED = /^(.*?)(\d{1,6})-of-(\d{1,6})\.safetensors$/;
const LAYER = /(?:^|\.)(?:layers|h|blocks|block|layer)\.(\d+)\.(.+)$/;

/**
 * Files of weights that are missing, as the engine that loads the others would notice. An index tells which
 * tensors there have to be: files with other names may hold them, since some programs write the weights anew and
 * leave the index. Without one the numbers in the names tell.
 */
export async function missingWeights(set: WeightsSet): Promise<string[]> {
  const listed = set.index?.files;
  if (listed && listed.size > 0) return missingByIndex(listed, set);
  return missingByNumber(set);
}

async function missingByIndex(
  listed: ReadonlyMap<string, string>,
  set: WeightsSet,
): Promise<string[]> {
  const there = new Set(set.present);
  const named = new Set(listed.values());
  const absent = new Set([...named].filter((file) => !there.has(file)));
  if (absent.size === 0) return [];
  if (there.size === 0) return [...absent].sort();
  // Not one of its files is there: it is the index of weights that were replaced.
  if (absent.size === named.size) return missingByNumber(set);
  const held = await set.tensors();
  const without = [...listed].filter(
    ([tensor, file]) => absent.has(file) && !held?.has(tensor) && !set.spares?.test(tensor),
  );
  return [...new Set(without.map(([, file]) => file))].sort();
}

interface Shards {
  readonly total: number;
  readonly numbers: Set<number>;
  readonly name: (number: number) => string;
}

async function missingByNumber({ present, layers, tensors }: WeightsSet): Promise<string[]> {
  if (present.includes('model.safetensors')) return [];
  const gaps = [...shardSets(present).values()].map(gapsIn);
  // Of two sets beside each other one is left over from before.
  if (gaps.length === 0 || gaps.some((gap) => gap.length === 0)) return [];
  const held = await tensors();
  if (held && layers !== undefined && coversLayers(held, layers)) return [];
  return gaps.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function shardSets(files: readonly string[]): ReadonlyMap<string, Shards> {
  const sets = new Map<string, Shards>();
  for (const file of files) {
    const [, before, number, total] = NUMBERED.exec(file) ?? [];
    if (before === undefined || number === undefined || total === undefined) continue;
    const key = `${before} ${total}`;
    const known = sets.get(key) ?? {
      total: Math.min(Number(total), MAX_SHARDS),
      numbers: new Set(),
      name: (at) => `${before}${String(at).padStart(number.length, '0')}-of-${total}.safetensors`,
    };
    known.numbers.add(Number(number));
    sets.set(key, known);
  }
  return sets;
}

function gapsIn({ total, numbers, name }: Shards): string[] {
  // Some programs count from 0.
  const first = numbers.has(0) ? 0 : 1;
  const all = Array.from({ length: total }, (_, at) => at + first);
  return all.filter((number) => !numbers.has(number)).map(name);
}

const MAX_SHARDS = 10_000;

/**
 * Whether tensors are all of a model with so many layers, as far as their names tell: every layer has what some other
 * layer has as well, and there is something before and after them. Never for a model of one layer.
 */
export function coversLayers(tensors: ReadonlySet<string>, layers: number): boolean {
  const parts = new Map<number, string[]>();
  let hasInput = false;
  let hasOutput = false;
  for (const name of tensors) {
    const found = LAYER.exec(name);
    if (found)
      parts.set(Number(found[1]), [...(parts.get(Number(found[1])) ?? []), found[2] ?? '']);
    else if (/embed|wte/.test(name)) hasInput = true;
    else if (/norm|ln_f|lm_head/.test(name)) hasOutput = true;
  }
  if (!hasInput || !hasOutput || layers < 2) return false;
  const kinds = new Map<string, number>();
  for (let at = 0; at < layers; at += 1) {
    const part = parts.get(at);
    if (!part) return false;
    const kind = part.toSorted().join();
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds.values()].every((count) => count > 1);
}
