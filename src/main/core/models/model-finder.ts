import path from 'node:path';

import { modelRefKind } from '@shared/domain/profile';

import type { Logger } from '../ports';
import { writeDemoModel } from './demo-model';
import { folderOfRepo } from './hub-cache';
import { inspectFolder, inspectGivenFolder, inspectRepo } from './inspect-model';
import type { LibraryScan } from './library-scan';
import type { FoundModel } from './model-record';
import { asFound, type Found, named } from './scanned-models';
import type { WeightsCheck } from './weights-check';

export interface ModelFinderOptions {
  /** Where the built-in model is written. */
  readonly folder: string;
  /** The Hugging Face cache. */
  readonly hub: string;
  readonly weights: WeightsCheck;
  readonly scan: LibraryScan;
  readonly logger: Logger;
}

/** Finds the model of a reference as it lies on the disk at this moment. */
export class ModelFinder {
  readonly #options: ModelFinderOptions;

  constructor(options: ModelFinderOptions) {
    this.#options = options;
  }

  /** Undefined where there is none, or none that we may look at. */
  async find(ref: string): Promise<Found | undefined> {
    const kind = modelRefKind(ref);
    if (kind === 'demo') return { model: await this.demo() };
    if (kind === 'invalid') return undefined;
    if (kind === 'folder') return this.#look(() => this.#lookAtFolder(ref));
    const repo = folderOfRepo(this.#options.hub, ref);
    const cached = await this.#look(async () =>
      asFound(await inspectRepo(repo, this.#options.weights)),
    );
    if (cached) return cached;
    const scanned = await this.#options.scan.current();
    return named(scanned).find(({ model, disk }) => model.ref === ref && disk === undefined);
  }

  async #lookAtFolder(folder: string): Promise<Found | undefined> {
    const known = this.#options.scan.last?.records.get(folder);
    const root = this.#options.scan.last?.results.find(
      (one) => one.root.path === known?.root,
    )?.root;
    const record = await inspectFolder(folder, this.#options.weights, root);
    if (record.model) return asFound(record);
    const model = await inspectGivenFolder(folder, this.#options.weights);
    return model && { model };
  }

  /** What is not there or closed to us is no model. */
  async #look(look: () => Promise<Found | undefined>): Promise<Found | undefined> {
    try {
      return await look();
    } catch (error) {
      this.#options.logger.debug('A model could not be looked at', { error: String(error) });
      return undefined;
    }
  }

  /** The built-in model, written where it is missing. */
  async demo(): Promise<FoundModel> {
    const folder = path.join(this.#options.folder, 'demo');
    const base = { ref: 'demo', name: 'Built-in test model', origin: 'built-in' as const };
    try {
      await writeDemoModel(folder);
    } catch (error) {
      this.#options.logger.error("Couldn't write the built-in model", {
        error: String(error),
      });
      const missing = [`couldn't write it: ${error instanceof Error ? error.message : error}`];
      return { ...base, path: folder, sizeBytes: 0, complete: false, state: 'incomplete', missing };
    }
    const { model } = await inspectFolder(folder, this.#options.weights);
    if (!model) throw new Error("The built-in model isn't recognized as a model.");
    return { ...model, ...base };
  }
}
