import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import { describeConfig } from '../models/config-facts';
import { type ModelShape, readModelShape } from './model-shape';

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
const MAX_CONFIG_BYTES = 16_000_000;
/** Models in use are few; one that was looked at long ago is read again. */
const REMEMBERED = 200;

/** Reads models' folders; a config is parsed again only when a file of its folder has changed. */
export class ModelFactsReader {
  readonly #known = new Map<string, ModelFacts>();

  /** @returns undefined where there is no such folder, or nothing in it can be read. */
  async read(folder: string): Promise<ModelFacts | undefined> {
    const files = await listFiles(folder);
    if (!files) return undefined;
    const stamp = files.map(({ name, size, time }) => `${name}:${size}:${time}`).join('|');
    const known = this.#known.get(folder);
    if (known?.stamp === stamp) return known;
    const facts = await readFacts(folder, files, stamp);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(folder, facts);
    return facts;
  }
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

async function readFacts(
  folder: string,
  files: readonly ModelFile[],
  stamp: string,
): Promise<ModelFacts> {
  const weights = files.filter(({ name }) => name !== CONFIG);
  // What mlx-lm loads (`mlx_lm/utils.py`); other names are ignored by it.
  const loaded = weights.filter(({ name }) => name.startsWith('model'));
  const counted = loaded.length > 0 ? loaded : weights;
  const config = await readConfig(path.join(folder, CONFIG), files);
  const names = new Set(await readdir(folder));
  const weightsBytes = counted.reduce((sum, { size }) => sum + size, 0);
  return { ...modelFacts(config, weightsBytes, names), stamp };
}

/** @param names of the files beside the config. */
export function modelFacts(
  config: unknown,
  weightsBytes: number,
  names: ReadonlySet<string> = new Set(),
): Omit<ModelFacts, 'stamp'> {
  const embeds = describeConfig(config, names)?.kind === 'embedding';
  return { shape: readModelShape(config), weightsBytes, embeds };
}

/** Missing or damaged, the sum says that it knows the weights alone. */
async function readConfig(file: string, files: readonly ModelFile[]): Promise<unknown> {
  const size = files.find(({ name }) => name === CONFIG)?.size;
  if (size === undefined || size > MAX_CONFIG_BYTES) return undefined;
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
