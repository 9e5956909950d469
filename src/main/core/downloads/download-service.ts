import type { Download, DownloadFile } from '@shared/domain/download';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import type { HubNetwork } from '../hub/hub-network';
import type { Clock, DocumentStore, Logger } from '../ports';
import { JsonDocument } from '../storage/json-document';
import type { NoticeBoard } from '../notices/notice-board';
import { placesOf } from './cache-layout';
import { DiskWatch } from './disk-watch';
import { toFailure } from '../failures/convert';
import {
  describeDownload,
  type DownloadRecord,
  DOWNLOADS,
  inOrder,
  isOpen,
  isSameJob,
  sameRef,
  trimmed,
  withoutDone,
} from './download-record';
import { type DownloadRun, newJobId } from './download-run';
import { Hasher } from './hasher';
import { foldersIn, JobFolder, type Manifest } from './job-folder';
import { removeUnshared } from './remove-unshared';
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
  /** Ms without a byte after which a connection is given up; for tests. */
  readonly stallMs?: number;
}

const STALL_MS = 30_000;
/** How often views are told while something comes, ms. */
const TICK_MS = 500;
/** The queue of downloads: what is wanted is durable, and goes on after a quit, a crash and a power cut. */
export class DownloadService {
  readonly #options: DownloadServiceOptions;
  readonly #document: JsonDocument<{ downloads: DownloadRecord[] }>;
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
    this.#document = new JsonDocument({
      store,
      spec: DOWNLOADS,
      clock,
      logger: options.logger,
      notices,
    });
    this.#disk = new DiskWatch({
      clock,
      logger: options.logger,
      hub: options.hub,
      records: () => this.#records,
      resume: (id) => this.resume(id),
    });
    this.#running = new RunningDownloads({
      ...options,
      hasher: this.#hasher,
      stallMs: options.stallMs ?? STALL_MS,
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
    return this.#document.readOnly;
  }

  async load(): Promise<void> {
    await this.#document.load();
    this.#bootId = await this.#options.bootId();
  }

  /**
   * Removes what is left of jobs that are in no list: of one whose manager was killed while it cancelled it, say.
   * Before anything runs; what cannot be removed is tried again at the next start.
   */
  async removeAbandoned(): Promise<void> {
    const { folder, logger } = this.#options;
    if (this.readOnly) return;
    const known = new Set(this.#records.map(({ id }) => id));
    try {
      for (const id of await foldersIn(folder)) {
        if (known.has(id)) continue;
        const manifest = await this.#folder(id).manifest();
        if (manifest) await this.#removeBrought({ id, ref: manifest.ref });
        await this.#folder(id).remove();
        logger.info('What was left of a download that is in no list was removed', { id });
      }
    } catch (error) {
      logger.warn('What is left of a download cannot be removed', { error: String(error) });
    }
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
    return inOrder(this.#records).map((record) => this.#describe(record));
  }

  /** Hashes files for whoever verifies models. */
  get hasher(): Hasher {
    return this.#hasher;
  }

  /** Whether a job of this model is under way. */
  isUnderWay(ref: string): boolean {
    return this.#records.some((record) => isOpen(record) && sameRef(record.ref, ref));
  }

  /**
   * Begins a job, or goes on with the one that there is for this model and revision.
   * @throws DomainError when the hub does not have it, or refuses it; offline.
   */
  async start(wanted: {
    ref: string;
    revision: string;
    limitBytesPerSecond?: number | undefined;
    repair?: boolean | undefined;
  }): Promise<Download> {
    const known = this.#same(wanted);
    if (known) return this.resume(known.id);
    // The hub's own way to write the name is the name of the folder.
    const { ref, commit } = await this.#options.client.model(wanted.ref, wanted.revision);
    const { revision, limitBytesPerSecond, repair } = wanted;
    const record: DownloadRecord = {
      id: newJobId(),
      ref,
      revision,
      commit,
      state: 'wanted',
      bytes: 0,
      total: 0,
      files: { total: 0, verified: 0 },
      addedAt: this.#now(),
      ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }),
      ...(repair === undefined ? {} : { repair }),
    };
    this.#allow(record.id);
    // Of two that ask at the same moment, the first to be written is the job of both.
    const isSame = (other: DownloadRecord): boolean => isSameJob(other, { ref, revision });
    await this.#change((all) => (all.some(isSame) ? all : [...withoutDone(all, record), record]));
    const job = this.#records.find(isSame) ?? record;
    if (job.id === record.id) {
      this.#options.logger.info('A download begins', { ref, revision, id: record.id });
    }
    this.#allow(job.id);
    this.#next();
    return this.#describe(job);
  }

  async pause(id: string): Promise<Download> {
    const record = this.#find(id);
    if (record.state !== 'wanted') return this.#describe(record);
    await this.#update(id, { state: 'paused' });
    await this.#running.end(id, 'pause');
    this.#next();
    return this.#describe(this.#find(id));
  }

  /** Goes on with one that was paused or has failed; one that is done is looked at again. */
  async resume(id: string): Promise<Download> {
    const record = this.#find(id);
    this.#allow(id);
    if (record.state !== 'wanted') {
      const { failure: _, endedAt: __, ...rest } = record;
      await this.#change((all) => [
        ...all.filter((other) => other.id !== id),
        { ...rest, state: 'wanted' },
      ]);
    }
    this.#next();
    return this.#describe(this.#find(id));
  }

  /** Ends it and removes what it has brought and nothing else uses. */
  async cancel(id: string): Promise<void> {
    const record = this.#find(id);
    await this.#change((all) => all.filter((other) => other.id !== id));
    await this.#running.end(id, 'cancel');
    if (record.state !== 'done') await this.#removeBrought(record);
    await this.#folder(id).remove();
    this.#options.logger.info('A download was cancelled', { ref: record.ref, id });
    this.#next();
  }

  /** Ends all that are not done, also those that failed. */
  async cancelAll(): Promise<void> {
    for (const { id, state } of this.#records) if (state !== 'done') await this.cancel(id);
  }

  async reorder(ids: readonly string[]): Promise<void> {
    const place = (id: string): number => (ids.includes(id) ? ids.indexOf(id) : ids.length);
    await this.#change((all) => all.toSorted((a, b) => place(a.id) - place(b.id)));
    this.#next();
  }

  /** Forgets those that have ended, and what was kept for going on with them. */
  async clear(): Promise<void> {
    const ended = this.#records.filter((record) => !isOpen(record));
    for (const record of ended) {
      if (record.state === 'failed') await this.#removeBrought(record);
      await this.#folder(record.id).remove();
    }
    await this.#change((all) => all.filter(isOpen));
  }

  /** The files of a job, as far as they are known. */
  async files(id: string): Promise<DownloadFile[]> {
    const record = this.#find(id);
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

  get #records(): readonly DownloadRecord[] {
    return this.#document.value.downloads;
  }

  #find(id: string): DownloadRecord {
    const found = this.#records.find((record) => record.id === id);
    if (found) return found;
    const ids = this.#records.map((record) => `${record.id} (${record.ref})`);
    const known = ids.length > 0 ? ` There are ${ids.slice(0, 10).join(', ')}.` : '';
    throw new DomainError('not_found', `There is no download "${id}".${known}`);
  }

  /** The job for this model and revision that is not over; one that failed is gone on with. */
  #same(wanted: { ref: string; revision: string }): DownloadRecord | undefined {
    return this.#records.find((record) => isSameJob(record, wanted));
  }

  #describe(record: DownloadRecord): Download {
    const live = record.state === 'wanted' ? this.#running.live(record.id) : undefined;
    if (!live) return describeDownload(record, undefined);
    // Before the files are known, what the last try knew is the best there is.
    const { counts, facts } = live;
    return describeDownload(counts.total === 0 ? record : { ...record, ...counts }, facts);
  }

  /** Begins as many as may run at the same time. */
  #next(): void {
    if (this.#isStopping) return;
    const places = this.#options.settings().parallelDownloads;
    const waiting = this.#records.filter(
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
    // Files with the same content come once.
    const sizes = new Map(files.map(({ etag, size }) => [etag, size]));
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    await this.#update(id, { commit, total, files: { total: files.length, verified: 0 } });
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
    // A model that never began, a gated one for example, leaves nothing that looks like one.
    if (run.progress().bytes === 0) await this.#removeBrought(record);
    this.#disk.begin();
  }

  /** Removes what a job brought that nothing else uses. */
  async #removeBrought({ id, ref }: Pick<DownloadRecord, 'id' | 'ref'>): Promise<void> {
    const folder = this.#folder(id);
    const [manifest, downloaded] = await Promise.all([folder.manifest(), folder.downloaded()]);
    const wanted = await this.#wantedByOthers(id, ref);
    const removable = new Set([...downloaded].filter((etag) => !wanted.has(etag)));
    await removeUnshared(placesOf(this.#options.hub, ref), id, manifest?.files ?? [], removable);
  }

  /** Hashes of the files that other jobs of the same model are about. */
  async #wantedByOthers(id: string, ref: string): Promise<ReadonlySet<string>> {
    const others = this.#records.filter(
      (record) => record.id !== id && record.state !== 'done' && sameRef(record.ref, ref),
    );
    const manifests = await Promise.all(others.map((other) => this.#folder(other.id).manifest()));
    return new Set(manifests.flatMap((one) => one?.files.map(({ etag }) => etag) ?? []));
  }

  /** Keeps how far it is; what cannot be kept is said, and read anew from the disk at the next start. */
  async #finished(id: string, run: DownloadRun, changes: Partial<DownloadRecord>): Promise<void> {
    const { bytes, total, files } = run.progress();
    const progress = total > 0 ? { bytes, total, files } : {};
    const all = changes.state === 'done' ? { ...progress, bytes: total } : progress;
    await this.#update(id, { ...all, ...changes }).catch((error: unknown) => {
      this.#options.logger.warn('A download’s state could not be kept', {
        id,
        error: String(error),
      });
    });
  }

  #folder(id: string): JobFolder {
    return new JobFolder(this.#options.folder, id);
  }

  #allow(id: string): void {
    const before = this.#mayRun;
    this.#mayRun = (other) => other === id || before(other);
  }

  async #update(id: string, changes: Partial<DownloadRecord>): Promise<void> {
    await this.#change((all) =>
      all.map((record) => (record.id === id ? { ...record, ...changes } : record)),
    );
  }

  async #change(change: (all: DownloadRecord[]) => DownloadRecord[]): Promise<void> {
    await this.#document.update(({ downloads }) => ({ downloads: trimmed(change(downloads)) }));
    this.#tell();
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
