import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

import type { Download } from '@shared/domain/download';
import type { Deletion, Model, ModelFolder, VerifyJob } from '@shared/domain/model';
import { DomainError, validationError } from '@shared/errors';

import type { DocumentStore, Logger, Ports } from '../ports';
import { Background } from '../ports/background';
import type { NoticeBoard } from '../notices/notice-board';
import { DuplicateFinder } from './duplicate-finder';
import type { HashFile } from './file-hash';
import { hubCacheFolder } from './hub-cache';
import { LibraryScan, type Scanned } from './library-scan';
import { type Located, ModelActions } from './model-actions';
import { ModelFinder } from './model-finder';
import { ModelNotes } from './model-notes';
import type { FoundModel, ModelRecord } from './model-record';
import { folderOf, named } from './scanned-models';
import { type Circumstances, shownModel } from './shown-model';
import { privacyAdvice } from '../storage/privacy';
import type { ScanResult } from './scan';
import { Trash } from './trash';
import { VerifyJobs } from './verify-jobs';
import { WeightsCheck } from './weights-check';

export interface ModelLibraryOptions {
  readonly ports: Ports;
  readonly document: DocumentStore;
  readonly notices: NoticeBoard;
  /** Folders that the person added. */
  readonly folders: () => readonly string[];
  /** Names of the profiles that use a model. */
  readonly usedBy: (ref: string) => readonly string[];
  /** Names of those of them whose servers run. */
  readonly running: (ref: string) => readonly string[];
  readonly isDownloading: (ref: string) => boolean;
  readonly startDownload: (ref: string, revision: string) => Promise<Download>;
  readonly hashFile: HashFile;
  readonly unusedDays: () => number;
  /** Whether something may be written into the data folder. */
  readonly mayWrite: () => boolean;
  readonly publishChanged: () => void;
  readonly publishJob: (job: VerifyJob) => void;
}

/** The models on this machine: the built-in one, the Hugging Face cache, other programs' and added folders. */
export class ModelLibrary {
  readonly #options: ModelLibraryOptions;
  readonly #logger: Logger;
  readonly #weights = new WeightsCheck();
  readonly #notes: ModelNotes;
  readonly #scan: LibraryScan;
  readonly #finder: ModelFinder;
  readonly #duplicates: DuplicateFinder;
  readonly #trash: Trash;
  readonly #verify: VerifyJobs;
  readonly #actions: ModelActions;
  readonly #background: Background;
  /** Folders of the library in which what an earlier manager deleted was looked for. */
  readonly #swept = new Set<string>();
  #isRunning = false;

  constructor(options: ModelLibraryOptions) {
    const { clock, env, logger } = options.ports;
    const { document, notices, hashFile, publishChanged } = options;
    this.#options = options;
    this.#logger = logger.child('models');
    this.#background = new Background(this.#logger);
    const own = { clock, logger: this.#logger };
    this.#notes = new ModelNotes({ document, notices, ...own });
    this.#duplicates = new DuplicateFinder({
      notes: this.#notes,
      hashFile,
      logger: this.#logger,
      mayRead: () => this.#isRunning,
      publishChanged,
    });
    this.#trash = new Trash({
      ...own,
      ended: ({ from }) => {
        this.#background.run(`forget what was known of ${from}`, () => this.#notes.forget(from));
        publishChanged();
      },
    });
    this.#verify = new VerifyJobs({
      ...own,
      hashFile,
      weights: this.#weights,
      publish: options.publishJob,
      done: async (model, checked) => {
        await this.#notes.noteVerified(model.path, checked);
        publishChanged();
      },
    });
    this.#actions = new ModelActions({
      trash: this.#trash,
      notes: this.#notes,
      duplicates: this.#duplicates,
      hashFile,
      running: (model) => this.#of(options.running, model),
      isDownloading: options.isDownloading,
      isVerifying: (ref) => this.#verify.isRunning(ref),
      startDownload: options.startDownload,
    });
    this.#scan = new LibraryScan({
      ports: options.ports,
      logger: this.#logger,
      weights: this.#weights,
      folders: options.folders,
      mayWrite: options.mayWrite,
      scanned: (scanned, isNews) => {
        this.#background.run('look for copies', () => this.#afterScan(scanned));
        if (isNews) publishChanged();
      },
    });
    this.#finder = new ModelFinder({
      folder: options.ports.paths.models,
      hub: hubCacheFolder(env),
      weights: this.#weights,
      scan: this.#scan,
      logger: this.#logger,
    });
  }

  get readOnly(): boolean {
    return this.#notes.readOnly;
  }

  load(): Promise<void> {
    return this.#notes.load();
  }

  /** Writes the built-in model and begins to look and to watch; does not wait for the disk. */
  async start(): Promise<void> {
    this.#isRunning = true;
    await this.#finder.demo();
    this.#scan.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#scan.stop();
    await this.stopReading();
    await this.#trash.close();
    await this.#background.stop();
  }

  /** Ends what reads whole files in the background. */
  async stopReading(): Promise<void> {
    await this.#verify.stop();
    await this.#duplicates.stop();
  }

  /** Every model, the built-in one first; incomplete ones too. */
  async list(): Promise<Model[]> {
    const [demo, scanned] = await Promise.all([this.#finder.demo(), this.#scan.current()]);
    const models = named(scanned).map(({ model, record, disk }) => this.#show(model, record, disk));
    return [this.#show(demo), ...models];
  }

  /** The model of a reference as it lies on disk at this moment, and the folder to serve. */
  async resolve(ref: string): Promise<{ path: string; model: Model } | undefined> {
    const found = await this.#finder.find(ref);
    return found && { path: found.model.path, model: this.#show(found.model, found.record) };
  }

  /** Whether the library lists it: what others may ask about, who are told of no other folder. */
  async isListed(ref: string): Promise<boolean> {
    return (await this.list()).some((model) => model.ref === ref);
  }

  /** Whether a model of the hub is here, as far as the last look at the disk tells. */
  stateOf(ref: string): 'complete' | 'incomplete' | undefined {
    const models = this.#scan.last?.results.flatMap((result) => result.models) ?? [];
    const found = models.find((model) => model.ref.toLowerCase() === ref.toLowerCase());
    return found && (found.complete ? 'complete' : 'incomplete');
  }

  /** @throws DomainError `not_found` with the references that are near. */
  async show(ref: string): Promise<Model> {
    const found = await this.resolve(ref);
    const all = await this.list();
    // What is known of a model whose disk is not there, or that no engine can be given.
    const listed = all.find((model) => model.ref === ref);
    if (listed?.state === 'unmounted' || !found) return listed ?? this.#missing(ref, all);
    const { copies } = listed ?? {};
    return { ...found.model, ...(copies === undefined ? {} : { copies }) };
  }

  /** The scanned folders with what was found in each. */
  async folders(): Promise<ModelFolder[]> {
    const { results } = await this.#scan.current();
    return Promise.all(results.map(folderOf));
  }

  /** @throws DomainError `validation` when a folder could not be scanned. */
  async checkFolder(folder: string): Promise<void> {
    const info = await stat(folder).catch(() => undefined);
    const refuse = (message: string): never => {
      throw validationError([{ field: 'path', message }]);
    };
    if (!path.isAbsolute(folder)) refuse(`${folder} isn't an absolute path.`);
    if (!info) refuse(`The folder ${folder} doesn't exist.`);
    if (!info?.isDirectory()) refuse(`${folder} isn't a folder.`);
    await readdir(folder).catch((error: unknown) =>
      refuse(
        `You don't have permission to read the folder ${folder}.${privacyAdvice(folder, Object(error).code)}`,
      ),
    );
  }

  /** Looks at everything anew. */
  async rescan(): Promise<Model[]> {
    await this.#scan.scan();
    return this.list();
  }

  /** A server runs a model, or ran it until now. */
  async noteUse(ref: string): Promise<void> {
    try {
      if (await this.#notes.noteUse(ref)) this.#options.publishChanged();
    } catch (error) {
      this.#logger.warn('When a model was used could not be kept', { ref, error: String(error) });
    }
  }

  /** @throws DomainError in_use, not_found, permission, conflict: then nothing was changed. */
  async delete(ref: string, now: boolean): Promise<Deletion> {
    const deletion = await this.#actions.delete(await this.#locate(ref), now);
    this.#logger.info('A model is deleted', { ref, freedBytes: deletion.freedBytes, now });
    await this.#scan.scan();
    return deletion;
  }

  async undoDelete(ref: string): Promise<Model> {
    await this.#actions.undo(ref);
    this.#logger.info('A deleted model is back', { ref });
    await this.#scan.scan();
    return this.show(ref);
  }

  holdDelete(ref: string): Promise<Deletion> {
    return this.#actions.hold(ref);
  }

  deleteNow(ref: string): Promise<Deletion> {
    return this.#actions.end(ref);
  }

  async verify(ref: string): Promise<VerifyJob> {
    const found = await this.#finder.find(ref);
    if (!found) return this.#missing(ref, await this.list());
    return this.#verify.start({ ...found.model, ref });
  }

  cancelVerify(ref: string): Promise<void> {
    return this.#verify.cancel(ref);
  }

  jobs(): VerifyJob[] {
    return this.#verify.list();
  }

  async repair(ref: string): Promise<Download> {
    return this.#actions.repair(await this.#locate(ref));
  }

  /** @returns bytes that this freed. */
  async share(ref: string, source: string): Promise<{ freedBytes: number }> {
    const freedBytes = await this.#actions.share(
      await this.#locate(ref),
      await this.#locate(source),
    );
    await this.#scan.scan();
    return { freedBytes };
  }

  /** The folder of a model of the library. @throws DomainError not_found. */
  async folderToReveal(ref: string): Promise<string> {
    const model = await this.show(ref);
    return model.path;
  }

  #missing(ref: string, all: readonly Model[]): never {
    const last = ref.toLowerCase().split('/').at(-1) ?? '';
    const near = all
      .map((model) => model.ref)
      .filter((other) => last !== '' && other.toLowerCase().includes(last));
    const hint = near.length > 0 ? ` Similar: ${near.slice(0, 5).join(', ')}.` : '';
    throw new DomainError('not_found', `There is no model "${ref}" on this machine.${hint}`);
  }

  /** A model of the library whose files may be touched. @throws DomainError not_found, conflict. */
  async #locate(ref: string): Promise<Located> {
    if (ref === 'demo') {
      throw new DomainError('conflict', 'The built-in model is part of MLX Manager.');
    }
    const scanned = await this.#scan.scan();
    const found = named(scanned).find(({ model }) => model.ref === ref);
    if (!found) return this.#missing(ref, await this.list());
    const { model, record, disk } = found;
    if (disk !== undefined) {
      throw new DomainError('conflict', `${model.name} is on ${disk}, which isn't mounted.`);
    }
    if (!record?.root) throw new DomainError('conflict', `${model.name} is managed by Ollama.`);
    return { model, record, root: record.root };
  }

  #show(model: FoundModel, record?: ModelRecord, disk?: string): Model {
    const circumstances: Circumstances = {
      record,
      disk,
      checked: this.#notes.verified(model.path),
      copies: this.#duplicates.copiesOf(model.path).map((copy) => ({
        ...copy,
        usedBy: [...this.#of(this.#options.usedBy, copy)],
      })),
      usedBy: this.#of(this.#options.usedBy, model),
      isRunning: this.#of(this.#options.running, model).length > 0,
      lastUsedAt: this.#notes.lastUsed(model.ref) ?? this.#notes.lastUsed(model.path),
      unusedDays: this.#options.unusedDays(),
      now: this.#options.ports.clock.now(),
    };
    return shownModel(model, circumstances);
  }

  /** A profile may name a model of the cache by its folder. */
  #of(ask: (ref: string) => readonly string[], one: { ref: string; path: string }): string[] {
    const names = one.ref === one.path ? ask(one.ref) : [...ask(one.ref), ...ask(one.path)];
    return [...new Set(names)];
  }

  async #afterScan(scanned: Scanned): Promise<void> {
    if (this.#options.mayWrite()) await this.#sweep(scanned.results);
    const whole = named(scanned).filter(({ disk }) => disk === undefined);
    await this.#duplicates.update(
      whole.map(({ model, record }) => ({ model, weights: record?.weights ?? [] })),
    );
  }

  async #sweep(results: readonly ScanResult[]): Promise<void> {
    for (const { root, state } of results) {
      if (state !== 'ok' || this.#swept.has(root.path)) continue;
      this.#swept.add(root.path);
      await this.#trash.sweep(root.path);
    }
  }
}
