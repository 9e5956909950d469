import { statfs } from 'node:fs/promises';

import type { Download, DownloadFailure, DownloadFile } from '@shared/domain/download';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';

import type { HubClient } from '../hub/hub-client';
import type { HubNetwork } from '../hub/hub-network';
import type { Clock, DocumentStore, Logger } from '../ports';
import { JsonDocument } from '../settings/json-document';
import type { NoticeBoard } from '../settings/notice-board';
import { placesOf } from './cache-layout';
import {
  describeDownload,
  type DownloadRecord,
  DOWNLOADS,
  inOrder,
  isOpen,
  type LiveFacts,
  trimmed,
} from './download-record';
import { DownloadRun, newJobId } from './download-run';
import { Hasher } from './hasher';
import { JobFolder } from './job-folder';
import { limitNow, RateLimit } from './rate-limit';
import { removeUnshared } from './remove-unshared';
import { Speed } from './speed';

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
/** How often a disk that was full is looked at, ms. */
const FULL_DISK_MS = 10_000;
/** Room that there must be before it goes on, as a part of what is left: others write too. */
const ROOM_FACTOR = 1.05;

interface Running {
  readonly run: DownloadRun;
  readonly stop: AbortController;
  readonly speed: Speed;
  readonly ended: Promise<void>;
}

/** Why a run was ended from outside. */
type StopReason = 'pause' | 'cancel' | 'quit';

class Stopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(reason);
    this.name = 'Stopped';
    this.reason = reason;
  }
}

/** The queue of downloads: what is wanted is durable, and goes on after a quit, a crash and a power cut. */
export class DownloadService {
  readonly #options: DownloadServiceOptions;
  readonly #document: JsonDocument<{ downloads: DownloadRecord[] }>;
  readonly #running = new Map<string, Running>();
  readonly #hasher = new Hasher();
  readonly #limit: RateLimit;
  #mayRun: (id: string) => boolean = () => false;
  #cancelTick: (() => void) | undefined;
  #cancelDiskLook: (() => void) | undefined;
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
    this.#limit = new RateLimit(clock, () => {
      const { downloadLimitMegabytes, downloadLimitHours } = options.settings();
      return limitNow(downloadLimitMegabytes, downloadLimitHours, new Date(clock.now()));
    });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  async load(): Promise<void> {
    await this.#document.load();
    this.#bootId = await this.#options.bootId();
  }

  /** Goes on with everything that is wanted. */
  resumeAll(): void {
    this.#mayRun = () => true;
    this.#next();
  }

  /** The machine has slept: everything that runs is tried anew at once. */
  woke(): void {
    this.#options.network.renew();
    for (const { run } of this.#running.values()) run.woke();
  }

  /** Settings that concern downloads count at once, except that none which runs is ended. */
  settingsChanged(): void {
    this.#next();
  }

  /** Ends what runs; it goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelDiskLook?.();
    const running = [...this.#running.values()];
    for (const { stop } of running) stop.abort(new Stopped('quit'));
    await Promise.all(running.map(({ ended }) => ended));
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
    await this.#end(id, 'pause');
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
    await this.#end(id, 'cancel');
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
    const running = this.#running.get(id);
    const now = running?.run.files() ?? [];
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
    const running = this.#running.get(record.id);
    if (!running || record.state !== 'wanted') return describeDownload(record, undefined);
    const progress = running.run.progress();
    const { waiting, state, connections, ...counts } = progress;
    const left = progress.total - progress.bytes;
    const eta = waiting === undefined ? running.speed.etaSeconds(left) : undefined;
    const live: LiveFacts = {
      state,
      connections,
      bytesPerSecond: running.speed.bytesPerSecond,
      ...(eta === undefined ? {} : { etaSeconds: eta }),
      ...(waiting === undefined ? {} : { waiting }),
    };
    // Before the files are known, what the last try knew is the best there is.
    return describeDownload(counts.total === 0 ? record : { ...record, ...counts }, live);
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
      this.#begin(record);
    }
    for (const { run } of this.#running.values()) run.nudge();
    if (this.#running.size === 0) this.#options.network.memory.clear();
    this.#tell();
    this.#tick();
  }

  #begin(record: DownloadRecord): void {
    const stop = new AbortController();
    const run = this.#newRun(record);
    const ended = this.#run(record, run, stop.signal);
    this.#running.set(record.id, { run, stop, speed: new Speed(), ended });
  }

  #newRun(record: DownloadRecord): DownloadRun {
    const { network, client, clock, logger, hub, stallMs } = this.#options;
    const own = new RateLimit(clock, () => record.limitBytesPerSecond);
    return new DownloadRun({
      id: record.id,
      ref: record.ref,
      revision: record.revision,
      network,
      client,
      hasher: this.#hasher,
      clock,
      logger,
      hub,
      folder: this.#folder(record.id),
      bootId: this.#bootId,
      stallMs: stallMs ?? STALL_MS,
      connections: () => this.#share(),
      pace: (bytes, signal) => {
        const all = this.#limit.take(bytes, signal);
        const mine = own.take(bytes, signal);
        return all && mine ? Promise.all([all, mine]).then(() => undefined) : (all ?? mine);
      },
      reserved: (device) => this.#reserved(record.id, device),
      onPlan: async ({ commit, files }) => {
        // Files with the same content come once.
        const sizes = new Map(files.map(({ etag, size }) => [etag, size]));
        const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
        await this.#update(record.id, {
          commit,
          total,
          files: { total: files.length, verified: 0 },
        });
      },
    });
  }

  /** Never rejects: how it ended is the record's state. */
  async #run(record: DownloadRecord, run: DownloadRun, signal: AbortSignal): Promise<void> {
    const { id, ref } = record;
    const { logger } = this.#options;
    await Promise.resolve(); // until it is among those that run
    try {
      const folder = await run.run(signal);
      logger.info('A download is done', { ref, id, folder });
      await this.#finished(id, run, { state: 'done', endedAt: this.#now() });
      await this.#folder(id).remove();
    } catch (error) {
      if (error instanceof Stopped) {
        if (error.reason !== 'cancel') await this.#finished(id, run, {});
      } else await this.#failed(record, run, error);
    } finally {
      this.#running.delete(id);
      this.#next();
    }
  }

  async #failed(record: DownloadRecord, run: DownloadRun, error: unknown): Promise<void> {
    const { logger } = this.#options;
    const failure = describeFailure(error);
    logger.warn('A download failed', { ref: record.ref, id: record.id, message: failure.message });
    if (!(error instanceof DomainError)) {
      const trace = error instanceof Error ? error.stack : String(error);
      logger.error('A download ended by a mistake of ours', { trace });
    }
    await this.#finished(record.id, run, { state: 'failed', failure, endedAt: this.#now() });
    // A model that never began, a gated one for example, leaves nothing that looks like one.
    if (run.progress().bytes === 0) await this.#removeBrought(record);
    if (failure.code === 'disk_full') this.#watchDisk();
  }

  /** Removes what a job brought that nothing else uses. */
  async #removeBrought({ id, ref }: DownloadRecord): Promise<void> {
    const folder = this.#folder(id);
    const [manifest, brought] = await Promise.all([folder.manifest(), folder.brought()]);
    const wanted = await this.#wantedByOthers(id, ref);
    const removable = new Set([...brought].filter((etag) => !wanted.has(etag)));
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

  async #end(id: string, reason: StopReason): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort(new Stopped(reason));
    await running?.ended;
  }

  /** Connections that each running job may have. */
  #share(): number {
    const { downloadConnections } = this.#options.settings();
    return Math.max(1, Math.floor(downloadConnections / Math.max(1, this.#running.size)));
  }

  #reserved(id: string, device: number): number {
    return [...this.#running]
      .filter(([other, { run }]) => other !== id && run.device === device)
      .reduce((sum, [, { run }]) => sum + run.left, 0);
  }

  /** A job that stopped for want of room goes on when there is some (design: it goes on by itself). */
  #watchDisk(): void {
    this.#cancelDiskLook?.();
    this.#cancelDiskLook = this.#options.clock.setTimeout(() => {
      void this.#lookAtDisk();
    }, FULL_DISK_MS);
  }

  async #lookAtDisk(): Promise<void> {
    const full = this.#records.filter(({ failure }) => failure?.code === 'disk_full');
    if (this.#isStopping || full.length === 0) return;
    const disk = await statfs(this.#options.hub).catch(() => undefined);
    const free = disk ? disk.bavail * disk.bsize : 0;
    const first = full.find(({ bytes, total }) => free > (total - bytes) * ROOM_FACTOR);
    if (first) await this.resume(first.id);
    this.#watchDisk();
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
      for (const { run, speed } of this.#running.values()) {
        speed.look(run.progress().bytes, clock.monotonic());
      }
      this.#tell();
      this.#tick();
    }, TICK_MS);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** Whether it is the job of this model and revision, and not over; one that failed is gone on with. */
function isSameJob(
  record: DownloadRecord,
  { ref, revision }: { ref: string; revision: string },
): boolean {
  return record.state !== 'done' && sameRef(record.ref, ref) && record.revision === revision;
}

/** Of a model that is fetched again the newest job is the one to tell of. */
function withoutDone(
  all: readonly DownloadRecord[],
  { ref, revision }: DownloadRecord,
): DownloadRecord[] {
  return all.filter(
    (one) => one.state !== 'done' || !sameRef(one.ref, ref) || one.revision !== revision,
  );
}

function sameRef(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function describeFailure(error: unknown): DownloadFailure {
  if (!(error instanceof DomainError)) {
    return { code: 'internal', message: `It ended by a mistake of ours: ${String(error)}.` };
  }
  const data: { shortBytes?: unknown } = Object(error.data);
  const { action } = error;
  return {
    code: error.code,
    message: error.message,
    ...(action === undefined
      ? {}
      : { action: { id: action.id, label: action.label, ...withParams(action.params) } }),
    ...(typeof data.shortBytes === 'number' ? { shortBytes: data.shortBytes } : {}),
  };
}

function withParams(params: Readonly<Record<string, string | number | boolean>> | undefined) {
  return params === undefined ? {} : { params: { ...params } };
}
