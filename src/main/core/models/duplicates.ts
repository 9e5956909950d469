import { inodeOf } from './disk';
import type { WeightsFile } from './model-folder';
import type { FoundModel } from './model-record';

/** A model and what its weights are known by. */
export interface Weighed {
  readonly model: FoundModel;
  readonly weights: readonly WeightsFile[];
}

/** What may be the same: the same tensors in files of the same sizes under the same names. */
export function likelySame(all: readonly Weighed[]): Weighed[][] {
  const groups = new Map<string, Weighed[]>();
  for (const one of all) {
    if (!one.model.complete || one.weights.length === 0) continue;
    const lines = one.weights.map(({ name, facts, header }) => `${name} ${facts.size} ${header}`);
    const key = lines.sort().join('\n');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

export interface Hashes {
  /** SHA-256 of a file as it is now, where it is known. */
  readonly hashOf: (file: WeightsFile) => string | undefined;
  /** It was replaced by a clone: its bytes are on disk once. */
  readonly isClone: (file: WeightsFile) => boolean;
}

/** Files that must be read before it is known whether the models of a group are the same. */
export function filesToRead(group: readonly Weighed[], { hashOf }: Hashes): WeightsFile[] {
  return group.flatMap(({ weights }) => weights.filter((file) => hashOf(file) === undefined));
}

/** Bytes that `copy` takes although `one` is there; 0 where they share all; undefined where they differ. */
export function bytesTwice(one: Weighed, copy: Weighed, hashes: Hashes): number | undefined {
  let bytes = 0;
  for (const file of copy.weights) {
    const other = one.weights.find(({ name }) => name === file.name);
    if (!other) return undefined;
    if (inodeOf(other.facts) === inodeOf(file.facts)) continue;
    const hash = hashes.hashOf(file);
    if (hash === undefined || hash !== hashes.hashOf(other)) return undefined;
    if (!hashes.isClone(file) && !hashes.isClone(other)) bytes += file.facts.size;
  }
  return bytes;
}
