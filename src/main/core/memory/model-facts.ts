import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { ModelKind } from '@shared/domain/hub';

import { inspectModelFolder } from '../models/model-folder';
import { WeightsCheck } from '../models/weights-check';
import { type ModelShape, readModelShape } from './model-shape';
import type { TypeNames } from './type-names';

/** What of a model its memory depends on. */
export interface ModelFacts {
  readonly shape: ModelShape | undefined;
  readonly weightsBytes: number;
  /** It embeds: it has no cache that grows. */
  readonly embeds: boolean;
  /** Differs whenever one of its files does. */
  readonly stamp: string;
}

const CONFIG = 'config.json';
/** Models in use are few; one that was looked at long ago is read again. */
const REMEMBERED = 200;

/** What a folder says of its model, whichever engine would run it. */
interface FolderFacts {
  readonly config: unknown;
  readonly weightsBytes: number;
  readonly kind: ModelKind | undefined;
  readonly stamp: string;
}

/** Reads models' folders; one is looked at again only when a file of it has changed. */
export class ModelFactsReader {
  readonly #known = new Map<string, FolderFacts>();
  readonly #check = new WeightsCheck();

  /**
   * @param installed see {@link readModelShape}.
   * @returns undefined where there is no such folder, or nothing in it can be read.
   */
  async read(folder: string, installed?: TypeNames): Promise<ModelFacts | undefined> {
    const found = await this.#folder(folder);
    if (!found) return undefined;
    const { config, weightsBytes, kind, stamp } = found;
    return { ...modelFacts(config, weightsBytes, kind, installed), stamp };
  }

  async #folder(folder: string): Promise<FolderFacts | undefined> {
    const files = await listFiles(folder);
    if (!files) return undefined;
    const stamp = files.map(({ name, size, time }) => `${name}:${size}:${time}`).join('|');
    const known = this.#known.get(folder);
    if (known?.stamp === stamp) return known;
    const model = await inspectModelFolder(folder, this.#check).catch(() => undefined);
    const { config, weightsBytes, shown } = model ?? {};
    // What cannot be judged has its weights all the same: what is not known must not count as nothing.
    const facts = {
      ...{ config, kind: shown?.kind, stamp },
      weightsBytes: weightsBytes || sizeOfWeights(files),
    };
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(folder, facts);
    return facts;
  }
}

function sizeOfWeights(files: readonly ModelFile[]): number {
  return files.reduce((sum, { name, size }) => (name === CONFIG ? sum : sum + size), 0);
}

interface ModelFile {
  readonly name: string;
  readonly size: number;
  /** ms. */
  readonly time: number;
}

async function listFiles(folder: string): Promise<ModelFile[] | undefined> {
  const names = await readdir(folder).catch(() => undefined);
  if (!names) return undefined;
  const wanted = names.filter((name) => name === CONFIG || name.endsWith('.safetensors'));
  const found = await Promise.all(
    wanted.sort().map(async (name): Promise<ModelFile[]> => {
      // A link of the cache whose file is missing has no weights.
      const info = await stat(path.join(folder, name)).catch(() => undefined);
      return info ? [{ name, size: info.size, time: info.mtimeMs }] : [];
    }),
  );
  return found.flat();
}

/** @param kind of the model; undefined where it is not known. */
export function modelFacts(
  config: unknown,
  weightsBytes: number,
  kind: ModelKind | undefined,
  installed?: TypeNames,
): Omit<ModelFacts, 'stamp'> {
  return { shape: readModelShape(config, installed), weightsBytes, embeds: kind === 'embedding' };
}
