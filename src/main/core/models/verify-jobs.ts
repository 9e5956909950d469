import type { VerifyJob } from '@shared/domain/model';
import { DomainError } from '@shared/errors';

import { toFailure } from '../failures/convert';
import type { Clock, Logger } from '../ports';
import type { HashFile } from './file-hash';
import type { Checked } from './model-notes';
import type { FoundModel } from './model-record';
import { type BadFile, expectedFiles, fileProblems, verifyFile } from './verify-files';
import type { WeightsCheck } from './weights-check';

export interface VerifyJobsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly hashFile: HashFile;
  readonly weights: WeightsCheck;
  readonly publish: (job: VerifyJob) => void;
  /** Every file was read. */
  readonly done: (model: FoundModel, checked: Checked) => Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** Looks at every byte of models, one after the other; goes on whoever is looking. */
export class VerifyJobs {
  readonly #options: VerifyJobsOptions;
  readonly #jobs = new Map<string, VerifyJob>();
  readonly #running = new Map<string, Running>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: VerifyJobsOptions) {
    this.#options = options;
  }

  list(): VerifyJob[] {
    return [...this.#jobs.values()];
  }

  isRunning(ref: string): boolean {
    return this.#running.has(ref);
  }

  /** One job per model: asked again, the one under way is answered. */
  async start(model: FoundModel): Promise<VerifyJob> {
    const under = this.#jobs.get(model.ref);
    if (under && this.#running.has(model.ref)) return under;
    const expected = await expectedFiles(model);
    const hashed = expected.filter(({ etag }) => etag !== undefined);
    const job: VerifyJob = {
      ref: model.ref,
      name: model.name,
      state: 'running',
      bytes: 0,
      total: hashed.reduce((sum, { file }) => sum + (file.facts?.size ?? 0), 0),
      files: { done: 0, total: hashed.length > 0 ? hashed.length : expected.length },
      bad: [],
      by: hashed.length > 0 ? 'hashes' : 'structure',
      startedAt: this.#now(),
    };
    const stop = new AbortController();
    this.#jobs.set(model.ref, job);
    const ended = this.#queue.then(() => this.#run(model, expected, stop.signal));
    this.#running.set(model.ref, { stop, ended });
    this.#queue = ended;
    this.#publish(job);
    return job;
  }

  /** Resolves when nothing is read any more. @throws DomainError not_found. */
  async cancel(ref: string): Promise<void> {
    const running = this.#running.get(ref);
    if (!running) throw new DomainError('not_found', `${ref} isn't being verified.`);
    running.stop.abort();
    await running.ended;
  }

  async stop(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await this.#queue;
  }

  async #run(
    model: FoundModel,
    expected: Awaited<ReturnType<typeof expectedFiles>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { ref } = model;
    try {
      const problems = await fileProblems(model.path, this.#options.weights);
      const bad = await this.#readAll(ref, expected, problems, signal);
      const { by, files } = this.#find(ref);
      const endedAt = this.#now();
      await this.#options.done(model, { at: endedAt, by, files: files.total, bad });
      this.#running.delete(ref);
      this.#change(ref, { state: 'done', endedAt });
    } catch (error) {
      this.#running.delete(ref);
      const endedAt = this.#now();
      if (signal.aborted) return this.#change(ref, { state: 'cancelled', endedAt });
      this.#options.logger.error('A model could not be verified', { ref, error: String(error) });
      this.#change(ref, { state: 'failed', endedAt, failure: toFailure(error) });
    }
  }

  async #readAll(
    ref: string,
    expected: Awaited<ReturnType<typeof expectedFiles>>,
    problems: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<BadFile[]> {
    const { hashFile } = this.#options;
    const bad: BadFile[] = [];
    const isHashed = this.#find(ref).by === 'hashes';
    let before = 0;
    let done = 0;
    for (const one of expected) {
      signal.throwIfAborted();
      this.#change(ref, { file: one.file.name });
      const start = before;
      const onProgress = (bytes: number): void => this.#change(ref, { bytes: start + bytes });
      const found = await verifyFile(one, { hashFile, problems, signal, onProgress });
      if (found) bad.push(found);
      if (one.etag !== undefined) before += one.file.facts?.size ?? 0;
      if (one.etag !== undefined || !isHashed) done += 1;
      const { total } = this.#find(ref).files;
      this.#change(ref, {
        bytes: before,
        files: { done, total },
        bad: bad.map(({ file, problem }) => ({ file, problem })),
      });
    }
    return bad;
  }

  #find(ref: string): VerifyJob {
    const job = this.#jobs.get(ref);
    if (!job) throw new Error(`There is no verification of ${ref}.`);
    return job;
  }

  #change(ref: string, change: Partial<VerifyJob>): void {
    const { file: _, ...job } = this.#find(ref);
    const next = {
      ...job,
      ...(this.#running.has(ref) ? { file: this.#find(ref).file } : {}),
      ...change,
    };
    this.#jobs.set(ref, next);
    this.#publish(next);
  }

  #publish(job: VerifyJob): void {
    this.#options.publish(job);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
