import type { ModelKind } from '@shared/domain/hub';
import type { FitEstimate } from '@shared/domain/memory';
import { modelRefKind } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

import type { MemoryUse } from '../engines/adapters/memory-use';
import type { Budget } from './budget';
import { estimateFit } from './fit-estimate';
import { type ModelFacts, ModelFactsReader, modelFacts } from './model-facts';
import { sumOf } from './profile-sum';
import type { TypeNames } from './type-names';

/** What is asked about a model; what is left out is as the usual engine does it. */
export interface FitQuestion {
  readonly context?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly kvBits?: number | undefined;
}

/** What of a model the sum is made of. */
export interface ModelFiles {
  readonly config: unknown;
  readonly weightsBytes: number;
  readonly kind?: ModelKind | undefined;
}

export interface FitServiceOptions {
  /** The limit that counts, and what is in use of it now. */
  readonly budget: () => Promise<Budget>;
  readonly memoryTotal: () => number;
  readonly keepFreePercent: () => number;
  /** What the engine that is recommended does with no option set: a new profile needs the same. */
  readonly usual: MemoryUse;
  /** What the installed one of it loads as another type; undefined where none is, or it cannot be read. */
  readonly usualNames: () => Promise<TypeNames | undefined>;
  /** The folder of a model on this machine. */
  readonly folderOf: (ref: string) => Promise<string | undefined>;
  /** The same of a model of the hub. */
  readonly onHub: (ref: string) => Promise<ModelFiles>;
}

/** Says of models, here or on the hub, what they need on this machine: one sum for every screen. */
export class FitService {
  readonly #options: FitServiceOptions;
  readonly #reader = new ModelFactsReader();

  constructor(options: FitServiceOptions) {
    this.#options = options;
  }

  /** @throws DomainError not_found when the model is neither here nor on the hub; offline. */
  async ofModel(ref: string, question: FitQuestion = {}): Promise<FitEstimate> {
    const { folderOf, onHub, usualNames } = this.#options;
    const folder = await folderOf(ref);
    const facts =
      folder === undefined ? undefined : await this.#reader.read(folder, await usualNames());
    if (facts) return this.#estimate(facts, question);
    if (modelRefKind(ref) !== 'hub') {
      throw new DomainError('not_found', `There is no model "${ref}" on this machine.`);
    }
    return this.ofFiles(await onHub(ref), question);
  }

  async ofFiles(
    { config, weightsBytes, kind }: ModelFiles,
    question: FitQuestion = {},
  ): Promise<FitEstimate> {
    const names = await this.#options.usualNames();
    return this.#estimate(modelFacts(config, weightsBytes, kind, names), question);
  }

  async #estimate(
    model: Omit<ModelFacts, 'stamp'>,
    { context, concurrency, kvBits }: FitQuestion,
  ): Promise<FitEstimate> {
    const { usual, budget, memoryTotal, keepFreePercent } = this.#options;
    // What is asked for counts from the first token on, and nothing is asked about the engine's own limits.
    const use = { ...usual, context, concurrency, kvBits, kvBitsFrom: 0, unknown: [] };
    const { notes: _, ...sum } = sumOf({ use, model, memoryTotal: memoryTotal() });
    return estimateFit({
      ...sum,
      machine: await budget(),
      keepFreePercent: keepFreePercent(),
    });
  }
}
