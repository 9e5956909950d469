import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

import type { FitEstimate, LimitSource } from '@shared/domain/memory';
import { modelRefKind } from '@shared/domain/profile';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';

import type { MachineMemory } from '../metrics/machine-memory';
import { estimateFit } from './fit-estimate';
import { readModelShape } from './model-shape';

/** What is asked about a model; what is left out is as an engine does it. */
export interface FitQuestion {
  readonly context?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly kvBits?: number | undefined;
}

/** What of a model the sum is made of. */
export interface ModelFiles {
  readonly config: unknown;
  readonly weightsBytes: number;
}

export interface FitServiceOptions {
  readonly memory: () => Promise<MachineMemory>;
  /** Bytes that our servers take now: of each the larger of its estimate and its measurement while it loads. */
  readonly serversUse: () => number;
  readonly settings: () => Settings;
  /** The folder of a model on this machine. */
  readonly folderOf: (ref: string) => Promise<string | undefined>;
  /** The same of a model of the hub. */
  readonly onHub: (ref: string) => Promise<ModelFiles>;
}

const GIB = 1024 ** 3;
const MAX_CONFIG_BYTES = 16_000_000;

/** Says of models, here or on the hub, what they need on this machine: one sum for every screen. */
export class FitService {
  readonly #options: FitServiceOptions;

  constructor(options: FitServiceOptions) {
    this.#options = options;
  }

  /** @throws DomainError not_found when the model is neither here nor on the hub; offline. */
  async ofModel(ref: string, question: FitQuestion = {}): Promise<FitEstimate> {
    const folder = await this.#options.folderOf(ref);
    if (folder !== undefined) return this.ofFiles(await readModelFiles(folder), question);
    if (modelRefKind(ref) !== 'hub') {
      throw new DomainError('not_found', `There is no model "${ref}" on this disk.`);
    }
    return this.ofFiles(await this.#options.onHub(ref), question);
  }

  async ofFiles(files: ModelFiles, question: FitQuestion = {}): Promise<FitEstimate> {
    return estimateFit({
      shape: readModelShape(files.config),
      weightsBytes: files.weightsBytes,
      ...question,
      machine: await this.machine(),
      keepFreePercent: this.#options.settings().keepFreePercent,
    });
  }

  /** The limit that counts, and what is in use of it now. */
  async machine(): Promise<{ limit: number; limitSource: LimitSource; inUse: number }> {
    const { memory, serversUse, settings } = this.#options;
    const { total, free, gpuLimit } = await memory();
    const most = gpuLimit ?? total;
    const own = settings().serverMemoryLimitGib * GIB;
    const left = Math.min(free, most);
    if (own > 0 && own - serversUse() < left) {
      return { limit: own, limitSource: 'setting', inUse: serversUse() };
    }
    const limitSource = gpuLimit === undefined ? 'memory' : 'gpu';
    return { limit: most, limitSource, inUse: most - left };
  }
}

/** The config and the bytes of the weights in a model's folder. */
export async function readModelFiles(folder: string): Promise<ModelFiles> {
  const names = await readdir(folder);
  const weights = names.filter((name) => name.endsWith('.safetensors'));
  const loaded = weights.filter((name) => name.startsWith('model'));
  const sizes = await Promise.all(
    (loaded.length > 0 ? loaded : weights).map(async (name) => {
      const info = await stat(path.join(folder, name)).catch(() => undefined);
      return info?.size ?? 0;
    }),
  );
  const weightsBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { config: await readConfig(path.join(folder, 'config.json')), weightsBytes };
}

async function readConfig(file: string): Promise<unknown> {
  try {
    if ((await stat(file)).size > MAX_CONFIG_BYTES) return undefined;
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined; // missing or damaged: the sum says that it knows the weights alone
  }
}
