import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Model, ModelFolder } from '@shared/domain/model';
import { modelRefKind } from '@shared/domain/profile';
import { DomainError, validationError } from '@shared/errors';
import type { Ports } from '../ports';
import { writeDemoModel } from './demo-model';
import { inspectModel, type ModelFacts } from './inspect-model';
import { type FolderScan, type FoundModel, hubCacheFolder, scanFolder, scanHubCache } from './scan';

export interface ModelLibraryOptions {
  readonly ports: Ports;
  readonly folders: () => readonly string[];
  readonly usedBy: (ref: string) => string[];
  readonly publishChanged: () => void;
}

/** Names of models that are looked into at the same time. */
const PARALLEL = 4;
/** A change on disk is looked at when nothing more has happened for this long. */
const SETTLE_MS = 500;

interface Scanned {
  readonly folder: string;
  readonly origin: 'huggingface' | 'added';
  readonly scan: FolderScan;
}

/** The models on disk: the Hugging Face cache, added folders and the built-in one (M5, first part). */
export class ModelLibrary {
  readonly #options: ModelLibraryOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #demo: Promise<string> | undefined;
  #cancelSettle: (() => void) | undefined;
  #stopped = false;

  constructor(options: ModelLibraryOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#demoFolder();
    this.#watchFolders();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelSettle?.();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Every model, the built-in one first, then by name. Always as the disk is now. */
  async list(): Promise<Model[]> {
    const scanned = await this.#scan();
    const found = scanned.flatMap(({ folder, origin, scan }) =>
      scan.models.map((model) => ({ model, folder, origin })),
    );
    const models = await mapLimited(found, PARALLEL, ({ model, folder, origin }) =>
      this.#describe(model, origin === 'huggingface' ? 'huggingface' : 'folder', folder),
    );
    const sorted = models
      .filter((model) => model !== undefined)
      .sort((a, b) => a.name.localeCompare(b.name));
    return [await this.#describeDemo(), ...uniqueByRef(sorted)];
  }

  /** The model of a reference, or undefined when it is not on this disk. */
  async resolve(ref: string): Promise<{ path: string; model: Model } | undefined> {
    const kind = modelRefKind(ref);
    if (kind === 'invalid') return undefined;
    if (kind === 'demo') {
      const model = await this.#describeDemo();
      return { path: model.path, model };
    }
    const found = kind === 'folder' ? await asFolder(ref) : await this.#inHubCache(ref);
    if (!found) return undefined;
    const origin = kind === 'folder' ? 'folder' : 'huggingface';
    const model = await this.#describe(found, origin, path.dirname(found.path));
    return model && { path: found.path, model };
  }

  /** @throws DomainError not_found */
  async show(ref: string): Promise<Model> {
    const found = await this.resolve(ref);
    if (found) return found.model;
    throw new DomainError('not_found', `The model ${ref} is not on this disk.`);
  }

  /** Where models are looked for, and whether that is there. */
  async folders(): Promise<ModelFolder[]> {
    return (await this.#scan()).map(({ folder, origin, scan }) => ({
      path: folder,
      origin,
      state: scan.state,
      models: scan.models.length,
    }));
  }

  /** @throws DomainError validation when it is no folder that can be read. */
  async checkFolder(folder: string): Promise<void> {
    const info = await stat(folder).catch(() => undefined);
    if (info?.isDirectory()) return;
    const what = info ? 'is not a folder' : 'does not exist';
    throw validationError([{ field: 'path', message: `The folder ${folder} ${what}.` }]);
  }

  /** Looks at everything again and tells the views. */
  async rescan(): Promise<Model[]> {
    this.#watchFolders();
    const models = await this.list();
    this.#options.publishChanged();
    return models;
  }

  async #scan(): Promise<Scanned[]> {
    const hub = this.#hubFolder();
    const added = this.#options.folders().filter((folder) => folder !== hub);
    return Promise.all([
      scanHubCache(hub).then((scan) => ({ folder: hub, origin: 'huggingface' as const, scan })),
      ...added.map((folder) =>
        scanFolder(folder).then((scan) => ({ folder, origin: 'added' as const, scan })),
      ),
    ]);
  }

  #hubFolder(): string {
    const { env } = this.#options.ports;
    return hubCacheFolder(env, env.HOME ?? os.homedir());
  }

  async #inHubCache(ref: string): Promise<FoundModel | undefined> {
    const scan = await scanHubCache(this.#hubFolder());
    return scan.models.find((model) => model.ref === ref);
  }

  async #describeDemo(): Promise<Model> {
    const folder = await this.#demoFolder();
    const found = { ref: 'demo', name: 'demo', path: folder };
    const model = await this.#describe(found, 'built-in', undefined);
    if (model?.complete) return model;
    this.#demo = undefined;
    await this.#demoFolder();
    const again = await this.#describe(found, 'built-in', undefined);
    if (again) return again;
    throw new DomainError('internal', `The built-in model could not be written to ${folder}.`);
  }

  /** Written where it is missing or damaged. */
  #demoFolder(): Promise<string> {
    const folder = path.join(this.#options.ports.paths.models, 'demo');
    this.#demo ??= writeDemoModel(folder).then(() => folder);
    this.#demo.catch(() => {
      this.#demo = undefined;
    });
    return this.#demo;
  }

  async #describe(
    found: FoundModel,
    origin: Model['origin'],
    folder: string | undefined,
  ): Promise<Model | undefined> {
    const facts = await this.#inspect(found.path);
    if (!facts) return undefined;
    return {
      ...facts,
      ref: found.ref,
      name: found.name,
      usedBy: this.#options.usedBy(found.ref),
      origin,
      ...(origin === 'folder' && folder !== undefined ? { folder } : {}),
    };
  }

  /** Only names, sizes and headers are read, so looking again is cheap and always true. */
  #inspect(folder: string): Promise<ModelFacts | undefined> {
    return inspectModel(folder).catch(() => undefined); // it vanished while it was looked at
  }

  /** Changes on disk appear by themselves; where watching is not possible, scanning again shows them. */
  #watchFolders(): void {
    if (this.#stopped) return;
    const wanted = new Set([this.#hubFolder(), ...this.#options.folders()]);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { recursive: process.platform === 'darwin' }, () =>
        this.#changed(),
      );
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.#changed();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#options.ports.logger.debug('A model folder cannot be watched', {
        folder,
        error: String(error),
      });
    }
  }

  #changed(): void {
    this.#cancelSettle?.();
    this.#cancelSettle = this.#options.ports.clock.setTimeout(() => {
      if (!this.#stopped) this.#options.publishChanged();
    }, SETTLE_MS);
  }
}

async function asFolder(folder: string): Promise<FoundModel | undefined> {
  const info = await stat(folder).catch(() => undefined);
  if (!info?.isDirectory()) return undefined;
  return { ref: folder, name: path.basename(folder), path: folder };
}

function uniqueByRef(models: readonly Model[]): Model[] {
  return [...new Map(models.map((model) => [model.ref, model])).values()];
}

async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
