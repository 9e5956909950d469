import { stat } from 'node:fs/promises';
import path from 'node:path';

import type { Model, ModelFolder } from '@shared/domain/model';
import { modelRefKind } from '@shared/domain/profile';
import { DomainError, validationError } from '@shared/errors';

import type { Logger, Ports } from '../ports';
import { writeDemoModel } from './demo-model';
import { FolderWatch } from './folder-watch';
import { folderOfRepo, hubCacheFolder } from './hub-cache';
import {
  type FoundModel,
  folderState,
  inspectFolder,
  inspectGivenFolder,
  inspectRepo,
  type ScanResult,
  scanFolder,
} from './scan';
import { WeightsCheck } from './weights-check';

export interface ModelLibraryOptions {
  readonly ports: Ports;
  /** Folders that the person added. */
  readonly folders: () => readonly string[];
  /** Names of the profiles that use a model. */
  readonly usedBy: (ref: string) => readonly string[];
  readonly publishChanged: () => void;
}

/** Where nothing tells of changes, a result older than this is read again, ms. */
const STALE_MS = 10_000;

interface Scanned {
  readonly results: readonly ScanResult[];
  readonly at: number;
}

/** The models on this machine: the built-in one, the Hugging Face cache, and added folders. */
export class ModelLibrary {
  readonly #options: ModelLibraryOptions;
  readonly #logger: Logger;
  readonly #hub: string;
  readonly #weights = new WeightsCheck();
  readonly #watch: FolderWatch;
  #scanned: Scanned | undefined;
  #scanning: Promise<Scanned> | undefined;
  #again = false;
  #isRunning = false;
  /** Something changed on disk since the last scan began. */
  #isStale = false;

  constructor(options: ModelLibraryOptions) {
    const { clock, env, logger } = options.ports;
    this.#options = options;
    this.#logger = logger.child('models');
    this.#hub = hubCacheFolder(env);
    this.#watch = new FolderWatch({
      clock,
      logger: this.#logger,
      touched: () => {
        this.#isStale = true;
      },
      changed: () => this.#scanLater(),
    });
  }

  /** Writes the built-in model and begins to look and to watch; does not wait for the disk. */
  async start(): Promise<void> {
    this.#isRunning = true;
    await this.#demo();
    this.#scanLater();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#watch.close();
    await this.#scanning?.catch(() => undefined);
    this.#watch.close();
  }

  /** Every model, the built-in one first; incomplete ones too. */
  async list(): Promise<Model[]> {
    const [demo, { results }] = await Promise.all([this.#demo(), this.#current()]);
    const seen = new Set<string>();
    const models = results
      .flatMap((result) => result.models)
      .map((model) => (seen.has(model.ref) ? { ...model, ref: model.path } : model))
      .filter((model) => !seen.has(model.ref) && seen.add(model.ref));
    return [demo, ...models].map((model) => this.#withUsers(model));
  }

  /** The model of a reference as it lies on disk at this moment, and the folder to serve. */
  async resolve(ref: string): Promise<{ path: string; model: Model } | undefined> {
    const found = await this.#find(ref);
    return found && { path: found.path, model: this.#withUsers(found) };
  }

  /** Whether a model of the hub is here, as far as the last look at the disk tells. */
  stateOf(ref: string): 'complete' | 'incomplete' | undefined {
    const models = this.#scanned?.results.flatMap((result) => result.models) ?? [];
    const found = models.find((model) => model.ref.toLowerCase() === ref.toLowerCase());
    return found && (found.complete ? 'complete' : 'incomplete');
  }

  /** @throws DomainError `not_found` with the references that are near. */
  async show(ref: string): Promise<Model> {
    const found = await this.resolve(ref);
    if (found) return found.model;
    const last = ref.toLowerCase().split('/').at(-1) ?? '';
    const near = (await this.list())
      .map((model) => model.ref)
      .filter((other) => last !== '' && other.toLowerCase().includes(last));
    const hint = near.length > 0 ? ` Near: ${near.slice(0, 5).join(', ')}.` : '';
    throw new DomainError('not_found', `There is no model "${ref}" on this disk.${hint}`);
  }

  /** The scanned folders with what was found in each. */
  async folders(): Promise<ModelFolder[]> {
    return (await this.#current()).results.map((result) => result.folder);
  }

  /** @throws DomainError `validation` when a folder could not be scanned. */
  async checkFolder(folder: string): Promise<void> {
    const info = await stat(folder).catch(() => undefined);
    const refuse = (message: string): never => {
      throw validationError([{ field: 'path', message }]);
    };
    if (!path.isAbsolute(folder)) refuse(`${folder} is not an absolute path.`);
    if (!info) refuse(`The folder ${folder} does not exist.`);
    if (!info?.isDirectory()) refuse(`${folder} is not a folder.`);
    if ((await folderState(folder)) !== 'ok') refuse(`The folder ${folder} cannot be read.`);
  }

  /** Looks at everything anew. */
  async rescan(): Promise<Model[]> {
    await this.#scan();
    return this.list();
  }

  async #find(ref: string): Promise<FoundModel | undefined> {
    const kind = modelRefKind(ref);
    if (kind === 'demo') return this.#demo();
    if (kind === 'invalid') return undefined;
    if (kind === 'folder') return this.#inspect(() => inspectGivenFolder(ref, this.#weights));
    const repo = folderOfRepo(this.#hub, ref);
    const cached = await this.#inspect(() => inspectRepo(repo, this.#weights));
    if (cached) return cached;
    const { results } = await this.#current();
    return results.flatMap((result) => result.models).find((model) => model.ref === ref);
  }

  /** What is not there or closed to us is no model. */
  async #inspect(look: () => Promise<FoundModel | undefined>): Promise<FoundModel | undefined> {
    try {
      return await look();
    } catch (error) {
      this.#logger.debug('A model could not be looked at', { error: String(error) });
      return undefined;
    }
  }

  async #demo(): Promise<FoundModel> {
    const folder = path.join(this.#options.ports.paths.models, 'demo');
    const base = { ref: 'demo', name: 'Built-in test model', origin: 'built-in' as const };
    try {
      await writeDemoModel(folder);
    } catch (error) {
      this.#logger.error('The built-in model could not be written', { error: String(error) });
      const missing = [
        `it could not be written: ${error instanceof Error ? error.message : error}`,
      ];
      return { ...base, path: folder, sizeBytes: 0, complete: false, missing };
    }
    const found = await inspectFolder(folder, this.#weights);
    if (!found) throw new Error('The built-in model is not recognised as a model.');
    return { ...found, ...base };
  }

  #withUsers(model: FoundModel): Model {
    return { ...model, usedBy: [...this.#options.usedBy(model.ref)] };
  }

  async #current(): Promise<Scanned> {
    const known = this.#scanned;
    if (!known) return this.#scanning ?? this.#scan();
    const age = this.#options.ports.clock.monotonic() - known.at;
    const isTold = this.#isRunning && this.#watch.isComplete;
    return !this.#isStale && (isTold || age < STALE_MS) ? known : this.#scan();
  }

  /** One scan at a time; a request during one is answered by another that begins after it. */
  #scan(): Promise<Scanned> {
    if (this.#scanning) {
      this.#again = true;
      return this.#scanning;
    }
    this.#scanning = this.#scanUntilQuiet().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  async #scanUntilQuiet(): Promise<Scanned> {
    let scanned: Scanned;
    do {
      this.#again = false;
      scanned = await this.#scanOnce();
    } while (this.#again);
    return scanned;
  }

  async #scanOnce(): Promise<Scanned> {
    this.#isStale = false;
    const added = [...new Set(this.#options.folders())].filter((folder) => folder !== this.#hub);
    const results = [await scanFolder(this.#hub, 'huggingface', this.#weights)];
    for (const folder of added) results.push(await scanFolder(folder, 'added', this.#weights));
    const before = this.#scanned;
    const scanned = { results, at: this.#options.ports.clock.monotonic() };
    this.#scanned = scanned;
    if (this.#isRunning) this.#watch.set(results.flatMap((result) => result.watched));
    if (before && facts(before) !== facts(scanned)) this.#options.publishChanged();
    return scanned;
  }

  /** A scan that nobody waits for. */
  #scanLater(): void {
    if (!this.#isRunning) return;
    this.#scan().catch((error: unknown) => {
      this.#logger.error('The models could not be scanned', { error: String(error) });
    });
  }
}

function facts({ results }: Scanned): string {
  return JSON.stringify(results.map(({ folder, models }) => [folder, models]));
}
