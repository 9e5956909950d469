import type { Download, DownloadFile } from '@shared/domain/download';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import type { HubNetwork } from '../hub/hub-network';
import type { Clock, DocumentStore, Logger } from '../ports';
import type { NoticeBoard } from '../notices/notice-board';
import { broughtNothing, removeAbandoned, removeBrought } from './brought-files';
import { DiskWatch } from './disk-watch';
import { DownloadBook } from './download-book';
import { toFailure } from '../failures/convert';
import {
  describeDownload,
  type DownloadRecord,
  inOrder,
  isOpen,
  isSameJob,
  newRecord,
  sameRef,
  type WantedDownload,
  withoutDone,
} from './download-record';
import type { DownloadRun } from './download-run';
import { Hasher } from './hasher';
import { contentBytes, JobFolder, type Manifest } from './job-folder';
import { RunningDownloads, type RunningOptions, Stopped } from './running-downloads';

export interface DownloadServiceOptions {
  readonly document: DocumentStore;
  /** Where jobs keep what is theirs. */
  readonly folder: string;
  /** The Hugging Face cache. */
  readonly hub: string;
  readonly network: HubNetwork;
  readonly client: HubClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly settings: () => Settings;
  readonly bootId: () => Promise<string>;
  readonly publish: (downloads: Download[]) => void;
  /** Rejects with why a download would be of no use, before anything of it comes. */
  readonly check?: (ref: string, revision: string) => Promise<void>;
  readonly stallMs?: number;
}

/** How often views are told while something comes, ms. */
const TICK_MS = 500;

/** The queue of downloads: what is wanted is durable, and goes on after a quit, a crash and a power cut. */
export class DownloadService {
  readonly #options: DownloadServiceOptions;
  readonly #book: DownloadBook;
  readonly #running: RunningDownloads;
  readonly #disk: DiskWatch;
  readonly #hasher = new Hasher();
  #mayRun: (id: string) => boolean = () => false;
  #cancelTick: (() => void) | undefined;
  #isStopping = false;
  #bootId = '';

  constructor(options: DownloadServiceOptions) {
    this.#options = options;
    const { clock, document: store, notices } = options;
    this.#book = new DownloadBook({
      ...{ store, clock, notices, logger: options.logger },
      changed: () => this.#tell(),
    });
    this.#disk = new DiskWatch({
      clock,
      logger: options.logger,
      hub: options.hub,
      records: () => this.#book.records,
      resume: (id) => this.resume(id),
    });
    this.#running = new RunningDownloads({
      ...options,
      hasher: this.#hasher,
      own: ({ id }) => ({
        folder: this.#folder(id),
        bootId: this.#bootId,
        onPlan: (manifest) => this.#planned(id, manifest),
      }),
      ended: (record, run, outcome) => this.#ended(record, run, outcome),
      free: () => this.#next(),
    });
  }

  get readOnly(): boolean {
    return this.#book.readOnly;
  }

  async load(): Promise<void> {
    await this.#book.load();
    this.#bootId = await this.#options.bootId();
  }

  /**
   * Removes what is left of jobs that are in no list: of one whose manager was killed while it cancelled it, say.
   * Before anything runs; what cannot be removed is tried again at the next start.
   */
  async removeAbandoned(): Promise<void> {
    if (this.readOnly) return;
    const { folder, hub, logger } = this.#options;
    const folderOf = (id: string): JobFolder => this.#folder(id);
    await removeAbandoned(this.#book.records, { folder, hub, logger, folderOf });
  }

  /** Goes on with everything that is wanted. */
  resumeAll(): void {
    this.#mayRun = () => true;
    this.#next();
    this.#disk.begin();
  }

  /** The machine has slept: everything that runs is tried anew at once. */
  resumed(): void {
    this.#options.network.renew();
    this.#running.resumed();
  }

  /** Settings that concern downloads count at once, except that none which runs is ended. */
  settingsChanged(): void {
    this.#next();
  }

  /** Ends what runs; it goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#disk.stop();
    await this.#running.endAll('quit');
    this.#cancelTick?.();
    await this.#hasher.close();
  }

  list(): Download[] {
    return inOrder(this.#book.records).map((record) => this.#describe(record));
  }

  /** Hashes files for whoever verifies models. */
  get hasher(): Hasher {
    return this.#hasher;
  }

  /** Whether a job of this model is under way. */
  isUnderWay(ref: string): boolean {
    return this.#book.records.some((record) => isOpen(record) && sameRef(record.ref, ref));
  }

  /**
   * Begins a job, or goes on with the one that there is for this model and revision.
   * @throws DomainError when the hub does not have it, or refuses it; offline.
   */
  async start(wanted: WantedDownload): Promise<Download> {
    const known = this.#book.same(wanted);
    if (known) return this.resume(known.id);
    const { revision, force = false, repair = false } = wanted;
    // The hub's own way to write the name is the name of the folder.
    const { ref, commit } = await this.#options.client.model(wanted.ref, revision);
    if (!force && !repair) await this.#options.check?.(ref, revision);
    const record = newRecord({ ...wanted, ref }, commit, this.#now());
    this.#allow(record.id);
    // Of two that ask at the same moment, the first to be written is the job of both.
    const isSame = (other: DownloadRecord): boolean => isSameJob(other, { ref, revision });
    await this.#book.change((all) =>
      all.some(isSame) ? all : [...withoutDone(all, record), record],
    );
    const job = this.#book.records.find(isSame) ?? record;
    if (job.id === record.id) {
      this.#options.logger.info('A download begins', { ref, revision, id: record.id });
    }
    this.#allow(job.id);
    this.#next();
    return this.#describe(job);
  }

  async pause(id: string): Promise<Download> {
    const record = this.#book.find(id);
    if (record.state !== 'wanted') return this.#describe(record);
    await this.#book.update(id, { state: 'paused' });
    await this.#running.end(id, 'pause');
    this.#next();
    return this.#describe(this.#book.find(id));
  }

  /** Goes on with one that was paused or has failed; one that is done is looked at again. */
  async resume(id: string): Promise<Download> {
    const record = this.#book.find(id);
    this.#allow(id);
    if (record.state !== 'wanted') {
      const { failure: _, endedAt: __, ...rest } = record;
      await this.#book.change((all) => [
        ...all.filter((other) => other.id !== id),
        { ...rest, state: 'wanted' },
      ]);
    }
    this.#next();
    return this.#describe(this.#book.find(id));
  }

  /** Ends it and removes what it has brought and nothing else uses. */
  async cancel(id: string): Promise<void> {
    const record = this.#book.find(id);
    await this.#book.change((all) => all.filter((other) => other.id !== id));
    await this.#running.end(id, 'cancel');
    if (record.state !== 'done') await this.#removeBrought(record);
    await this.#folder(id).remove();
    this.#options.logger.info('A download was canceled', { ref: record.ref, id });
    this.#next();
  }

  /** Ends all that are not done, also those that failed. */
  async cancelAll(): Promise<void> {
    for (const { id, state } of this.#book.records) if (state !== 'done') await this.cancel(id);
  }

  async reorder(ids: readonly string[]): Promise<void> {
    const place = (id: string): number => (ids.includes(id) ? ids.indexOf(id) : ids.length);
    await this.#book.change((all) => all.toSorted((a, b) => place(a.id) - place(b.id)));
    this.#next();
  }

  /** Forgets those that have ended, and what was kept for going on with them. */
  async clear(): Promise<void> {
    const ended = this.#book.records.filter((record) => !isOpen(record));
    for (const record of ended) {
      if (record.state === 'failed') await this.#removeBrought(record);
      await this.#folder(record.id).remove();
    }
    await this.#book.change((all) => all.filter(isOpen));
  }

  /** The files of a job, as far as they are known. */
  async files(id: string): Promise<DownloadFile[]> {
    const record = this.#book.find(id);
    const now = this.#running.run(id)?.files() ?? [];
    if (now.length > 0) return now;
    const manifest = await this.#folder(id).manifest();
    const verified = await this.#folder(id).verified();
    return (manifest?.files ?? []).map(({ path: name, size, etag }) => {
      const isThere = record.state === 'done' || verified.has(etag);
      const state = isThere ? ('verified' as const) : ('waiting' as const);
      return { path: name, sizeBytes: size, bytes: isThere ? size : 0, state };
    });
  }

  #describe(record: DownloadRecord): Download {
    const { counts, facts } = this.#running.live(record.id) ?? {};
    // Before the files are known, what the last try knew is the best; one that is being paused still has its run.
    const known = counts === undefined || counts.total === 0 ? record : { ...record, ...counts };
    return describeDownload(known, record.state === 'wanted' ? facts : undefined);
  }

  /** Begins as many as may run at the same time. */
  #next(): void {
    if (this.#isStopping) return;
    const places = this.#options.settings().parallelDownloads;
    const waiting = this.#book.records.filter(
      ({ id, state }) => state === 'wanted' && !this.#running.has(id) && this.#mayRun(id),
    );
    for (const record of waiting) {
      if (this.#running.size >= places) break;
      this.#running.begin(record);
    }
    this.#running.notify();
    if (this.#running.size === 0) this.#options.network.memory.clear();
    this.#tell();
    this.#tick();
  }

  /** Which files come is known now. */
  async #planned(id: string, { commit, files }: Manifest): Promise<void> {
    const total = contentBytes(files);
    await this.#book.update(id, { commit, total, files: { total: files.length, verified: 0 } });
  }

  /** How it ended is the record's state. */
  async #ended(...[record, run, outcome]: Parameters<RunningOptions['ended']>): Promise<void> {
    const { id, ref } = record;
    if ('folder' in outcome) {
      this.#options.logger.info('A download is done', { ref, id, folder: outcome.folder });
      await this.#finished(id, run, { state: 'done', endedAt: this.#now() });
      await this.#folder(id).remove();
    } else if (!(outcome.error instanceof Stopped)) await this.#failed(record, run, outcome.error);
    else if (outcome.error.reason !== 'cancel') await this.#finished(id, run, {});
  }

  async #failed(record: DownloadRecord, run: DownloadRun, error: unknown): Promise<void> {
    const { logger } = this.#options;
    const failure = toFailure(error);
    logger.warn('A download failed', { ref: record.ref, id: record.id, message: failure.message });
    if (!(error instanceof DomainError)) {
      const trace = error instanceof Error ? error.stack : String(error);
      logger.error('A download ended by a mistake of ours', { trace });
    }
    await this.#finished(record.id, run, { state: 'failed', failure, endedAt: this.#now() });
    if (await broughtNothing(run.progress(), this.#folder(record.id)))
      await this.#removeBrought(record);
    this.#disk.begin();
  }

  /** Keeps how far it is; what cannot be kept is said, and read anew from the disk at the next start. */
  async #finished(id: string, run: DownloadRun, changes: Partial<DownloadRecord>): Promise<void> {
    const { bytes, total, files } = run.progress();
    const progress = total > 0 ? { bytes, total, files } : {};
    const all = changes.state === 'done' ? { ...progress, bytes: total } : progress;
    await this.#book.update(id, { ...all, ...changes }).catch((error: unknown) => {
      this.#options.logger.warn("A download's state could not be kept", {
        id,
        error: String(error),
      });
    });
  }

  /** Removes what a job brought that nothing else uses. */
  #removeBrought(record: DownloadRecord): Promise<void> {
    const all = this.#book.records;
    return removeBrought(record, all, this.#options.hub, (id) => this.#folder(id));
  }

  #folder(id: string): JobFolder {
    return new JobFolder(this.#options.folder, id);
  }

  #allow(id: string): void {
    const before = this.#mayRun;
    this.#mayRun = (other) => other === id || before(other);
  }

  #tell(): void {
    this.#options.publish(this.list());
  }

  /** Measures and tells while something runs. */
  #tick(): void {
    if (this.#cancelTick || this.#running.size === 0) return;
    const { clock } = this.#options;
    this.#cancelTick = clock.setTimeout(() => {
      this.#cancelTick = undefined;
      this.#running.look();
      this.#tell();
      this.#tick();
    }, TICK_MS);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
