import type { DownloadFile } from '@shared/domain/download';
import { DomainError } from '@shared/errors';

import { sleep } from '../ports/clock';
import { writeError } from '../storage/write-error';
import { hasBlob, placeSnapshot, placesOf, type RepoPlaces } from './cache-layout';
import { checkDisk } from './check-disk';
import { fetchPiece } from './fetch-piece';
import { FileTask, RestartError } from './file-task';
import { JobFiles } from './job-files';
import type { Manifest } from './job-folder';
import { adoptPlainFiles } from './adopt-plain-files';
import { askForManifest } from './ask-for-manifest';
import { LOCKED_MS, type RunOptions, type RunProgress } from './run-options';
import type { Range } from './ranges';
import { RetrySchedule } from './retry-schedule';
import { folderGone, classifyError } from './classify-error';

/** Bytes of one request: enough that its beginning costs little, few enough that the hash keeps up. */
const PIECE_BYTES = 16 << 20;
const SMALLEST_PIECE = 1 << 20;

/** Brings the files of one model at one commit to the cache; made anew for each try. */
export class DownloadRun {
  readonly #options: RunOptions;
  readonly #places: RepoPlaces;
  readonly #stop = new AbortController();
  #files: JobFiles;
  /** Those that still need bytes, in order. */
  #queue: FileTask[] = [];
  #commit = '';
  /** Files that came wrong again and again: the others are brought all the same. */
  readonly #bad = new Map<FileTask, DomainError>();
  #active = 0;
  /** Ended when the machine has slept: no connection of before is worth anything. */
  #awake = new AbortController();
  readonly #retries: RetrySchedule;
  #changed = Promise.withResolvers<void>();
  readonly #finishing = new Set<Promise<void>>();
  device = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#places = placesOf(options.hub, options.ref);
    this.#files = new JobFiles([], [], options.clock);
    this.#retries = new RetrySchedule(options.clock, this.#stop.signal);
  }

  /**
   * Resolves with the folder of the model when every file is proven and in its place.
   * @param signal ends it; what is on disk stays, and a later run goes on from there.
   * @throws DomainError for what a new try does not mend; the signal's reason.
   */
  async run(signal: AbortSignal): Promise<string> {
    const stop = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      const manifest = await this.#plan();
      this.#commit = manifest.commit;
      await this.#prepare(manifest);
      await this.#fetchAll();
      // Another program, or another job that was cancelled, may have removed a file meanwhile.
      if (await this.#findGone()) await this.#fetchAll();
      if (await this.#findGone()) throw folderGone(this.#places.folder);
      return await this.#place();
    } finally {
      signal.removeEventListener('abort', stop);
      await Promise.allSettled(this.#files.tasks.map((task) => task.close()));
      // How far it came is asked for once more, and decides what is kept.
      this.#files.countAnew();
    }
  }

  progress(): RunProgress {
    const waiting = this.#retries.shown;
    const isVerifying = this.#finishing.size > 0 && this.#queue.length === 0;
    return {
      state: isVerifying ? 'verifying' : 'running',
      bytes: this.#files.bytes,
      total: this.#files.total,
      files: this.#files.counts(),
      connections: this.#active,
      ...(waiting === undefined ? {} : { waiting }),
    };
  }

  files(): DownloadFile[] {
    return this.#files.list();
  }

  /** Bytes that are still to come. */
  get left(): number {
    return this.#files.total - this.#files.bytes;
  }

  /** The share of connections may have changed. */
  notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** After a sleep of the machine: connections are dead though nobody said so, and the network is tried at once. */
  resumed(): void {
    this.#retries.resumed();
    this.#awake.abort(new RestartError());
    this.#awake = new AbortController();
    this.notify();
  }

  /** Whether proven files have gone meanwhile; they are fetched again. */
  async #findGone(): Promise<boolean> {
    const before = this.#queue.length;
    return this.#queue.push(...(await this.#files.forgetGone(this.#places))) > before;
  }

  async #place(): Promise<string> {
    const { revision } = this.#options;
    try {
      return await placeSnapshot(this.#places, this.#commit, revision, this.#files.named);
    } catch (error) {
      throw error instanceof DomainError ? error : writeError(this.#places.folder, error);
    }
  }

  /** Which files, at which commit: from the last try, or from the hub. */
  async #plan(): Promise<Manifest> {
    const { client, folder, ref, revision, force } = this.#options;
    const kept = await folder.manifest();
    if (kept?.ref === ref) return kept;
    for (;;) {
      try {
        const manifest = await askForManifest(client, { ref, revision, force }, this.#stop.signal);
        await folder.keepManifest(manifest).catch((error: unknown) => {
          throw writeError(folder.path, error);
        });
        return manifest;
      } catch (error) {
        await this.#handle(error, undefined);
      }
    }
  }

  async #prepare(manifest: Manifest): Promise<void> {
    const { id, folder, bootId, hasher, logger, clock } = this.#options;
    const unique = new Map(manifest.files.map((file) => [file.etag, file]));
    const common = { places: this.#places, jobId: id, folder: folder.path, bootId, hasher, logger };
    const tasks = [...unique.values()].map((file) => new FileTask(file, common));
    const files = new JobFiles(tasks, manifest.files, clock);
    const verified = await folder.verified();
    await adoptPlainFiles(this.#places, manifest.files);
    for (const task of tasks) {
      if (verified.has(task.file.etag) && (await hasBlob(this.#places, task.file))) {
        task.markVerified();
        files.noteVerified();
        continue;
      }
      await task.resume();
      this.#queue.push(task);
    }
    // Only now it is known how much is here: until then the last try's figures are the truth.
    this.#files = files;
    await this.#options.onPlan(manifest);
    await checkDisk({
      ...{ places: this.#places, jobId: id, tasks: this.#files.tasks },
      found: (device) => {
        this.device = device;
      },
      reserved: this.#options.reserved,
    });
  }

  async #fetchAll(): Promise<void> {
    const slots = Array.from({ length: MAX_SLOTS }, (_, index) => this.#slot(index));
    const all = Promise.all(slots).then(async () => {
      while (this.#finishing.size > 0) await Promise.all(this.#finishing);
    });
    try {
      await all;
      for (const error of this.#bad.values()) throw error;
    } catch (error) {
      this.#stop.abort(error);
      // Proving a large file takes longer than anybody who pauses would wait.
      for (const task of this.#files.tasks) task.stopProving();
      // A slot may still begin to finish a file: what is moved to its place later would be left behind.
      await Promise.allSettled(slots);
      while (this.#finishing.size > 0) await Promise.allSettled(this.#finishing);
      throw this.#stop.signal.reason;
    }
  }

  /** One connection: fetches a piece after the other while there are some. */
  async #slot(index: number): Promise<void> {
    const { signal } = this.#stop;
    while (!this.#isDone()) {
      signal.throwIfAborted();
      const work = index < this.#options.connections() ? await this.#take() : undefined;
      if (work) await this.#fetch(work.task, work.piece);
      else await this.#change();
    }
  }

  #isDone(): boolean {
    return this.#files.verified + this.#bad.size === this.#files.tasks.length;
  }

  /** Waits until something may be to do again. */
  async #change(): Promise<void> {
    const timer = new AbortController();
    const { clock } = this.#options;
    const stopped = AbortSignal.any([this.#stop.signal, timer.signal]);
    await Promise.race([this.#changed.promise, sleep(clock, LOCKED_MS, stopped)]);
    timer.abort();
  }

  async #take(): Promise<{ task: FileTask; piece: Range } | undefined> {
    const { clock } = this.#options;
    await this.#retries.over();
    const left = this.left;
    const share = Math.floor(left / (2 * Math.max(1, this.#options.connections())));
    const limit = Math.min(PIECE_BYTES, Math.max(SMALLEST_PIECE, share));
    for (const task of [...this.#queue.slice(0, LOOK_AHEAD)]) {
      if (task.state === 'verified' || task.state === 'verifying' || task.isOpening) continue;
      if (!task.isOpen) {
        if (task.lockedUntil > clock.monotonic()) continue;
        if (!(await this.#open(task))) continue;
      }
      const piece = task.takePiece(limit);
      if (piece) return { task, piece };
      if (task.isFull) this.#finish(task);
    }
    return undefined;
  }

  async #open(task: FileTask): Promise<boolean> {
    try {
      const outcome = await task.open(this.#stop.signal);
      if (outcome === 'locked') {
        task.lockedUntil = this.#options.clock.monotonic() + LOCKED_MS;
        this.#retries.show(`Another program is downloading ${task.file.path}.`);
        return false;
      }
      if (outcome === 'verified') {
        await this.#verified(task);
        return false;
      }
      // Nothing is to come for an empty file, nor for one that was full already.
      if (task.isFull) this.#finish(task);
      return true;
    } catch (error) {
      await this.#handle(error, task);
      return false;
    }
  }

  async #fetch(task: FileTask, piece: Range): Promise<void> {
    const { network, clock, ref, stallMs } = this.#options;
    const signal = AbortSignal.any([this.#stop.signal, this.#awake.signal, task.restarted]);
    const commit = this.#commit;
    this.#active += 1;
    const pace = (bytes: number): Promise<void> | undefined => {
      this.#retries.downloaded();
      return this.#options.pace(bytes, signal);
    };
    let problem: unknown;
    try {
      await fetchPiece(task, piece, { network, clock, ref, commit, stallMs, pace }, signal);
    } catch (error) {
      problem = error;
    }
    this.#active -= 1;
    task.releasePiece(piece);
    if (task.isFull) this.#finish(task);
    if (problem !== undefined) await this.#handle(problem, task);
    this.notify();
  }

  /** Hashes and places beside the fetching of other files. */
  #finish(task: FileTask): void {
    if (this.#bad.has(task)) return;
    this.#queue = this.#queue.filter((other) => other !== task);
    const work = (async () => {
      try {
        if ((await task.finish()) === 'verified') await this.#verified(task);
        else this.#queue.unshift(task);
      } catch (error) {
        await this.#handle(error, task);
        if (!this.#bad.has(task)) this.#queue.unshift(task);
      }
      this.notify();
    })();
    this.#finishing.add(work);
    work
      .catch((error: unknown) => this.#stop.abort(error))
      .finally(() => this.#finishing.delete(work));
  }

  async #verified(task: FileTask): Promise<void> {
    this.#queue = this.#queue.filter((other) => other !== task);
    this.#files.noteVerified();
    await this.#options.folder.addVerified(task.file, task.isDownloaded ? 'downloaded' : 'found');
    this.notify();
  }

  /** Waits, begins anew or gives up, as the problem wants it. */
  async #handle(error: unknown, task: FileTask | undefined): Promise<void> {
    this.#stop.signal.throwIfAborted();
    // Other pieces of a file that was given up may still be under way.
    if (task && this.#bad.has(task)) return;
    const { network, logger, ref } = this.#options;
    const problem = classifyError(error, this.#places.folder, network.endpoint.host);
    logger.debug('A request failed', { ref, kind: problem.kind, error: String(error) });
    if (problem.kind === 'fatal') return this.#fail(problem.error, task);
    if (problem.kind === 'restarted') return;
    if (problem.kind === 'whole' && task) {
      if (!task.isWhole) {
        task.isWhole = true;
        await task.restart();
      }
      return;
    }
    if (problem.kind === 'length' && task) return await this.#wrongLength(task);
    await this.#retries.waitAfter(problem);
  }

  async #wrongLength(task: FileTask): Promise<void> {
    try {
      await task.wrongLength();
    } catch (error) {
      const { host } = this.#options.network.endpoint;
      const problem = classifyError(error, this.#places.folder, host);
      if (problem.kind === 'fatal') this.#fail(problem.error, task);
    }
  }

  /** One bad file ends the run when nothing else is left to bring; all else ends it at once. */
  #fail(error: DomainError, task: FileTask | undefined): void {
    if (error.code !== 'bad_hash' || !task) throw error;
    this.#queue = this.#queue.filter((other) => other !== task);
    this.#bad.set(task, error);
  }
}

/** Files whose pieces are given out at the same time; locked ones are among them. */
const LOOK_AHEAD = 128;

/** More connections than the setting allows are never used; those above the share wait. */
const MAX_SLOTS = 64;
