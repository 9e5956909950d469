import type { EngineJob, SelfTestResult } from '@shared/domain/engine';
import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import type { Clock, Logger } from '../../ports';
import { Background } from '../../ports/background';
import type { EngineAdapter } from '../adapters/adapter';
import { JobRun, type PhaseId } from './engine-job';

/** Work of a job; resolves with the sentence that says what was achieved. */
export type JobWork = (job: JobRun) => Promise<string>;

/** Ended jobs that are remembered. */
const KEPT = 20;

const INSTALL: readonly PhaseId[] = ['tools', 'python', 'packages', 'options', 'self-test', 'use'];
const PHASES: Readonly<Record<EngineJob['kind'], readonly PhaseId[]>> = {
  install: INSTALL,
  update: INSTALL,
  reinstall: INSTALL,
  register: ['python', 'options', 'self-test', 'use'],
  test: ['options', 'self-test'],
};

export interface EngineJobsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly publish: (job: EngineJob) => void;
}

/** Jobs by id; an engine has at most one that is under way. */
export class EngineJobs {
  readonly #options: EngineJobsOptions;
  readonly #background: Background;
  #runs: readonly JobRun[] = [];

  constructor(options: EngineJobsOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  list(): EngineJob[] {
    return this.#runs.map((run) => run.job);
  }

  /**
   * Begins a job and returns it as it is.
   * @throws DomainError `conflict` while the engine has another one.
   */
  start(
    kind: EngineJob['kind'],
    adapter: EngineAdapter,
    version: string | undefined,
    work: JobWork,
  ): EngineJob {
    const run = this.#open(kind, adapter, version);
    this.#background.run(`${kind} of ${adapter.id}`, () => this.#run(run, work));
    return run.job;
  }

  /** Runs a test as a job and returns its result. */
  async runTest(
    adapter: EngineAdapter,
    version: string,
    work: (job: JobRun) => Promise<SelfTestResult>,
  ): Promise<SelfTestResult> {
    const run = this.#open('test', adapter, version);
    let result: SelfTestResult | undefined;
    const job = await this.#run(run, async () => {
      result = await work(run);
      if (result.passed) return `${adapter.id} ${version} passed its self-test.`;
      throw new DomainError('engine_broken', result.problem ?? 'The self-test failed.');
    });
    if (job.state === 'cancelled') throw new DomainError('cancelled', 'The test was canceled.');
    return result ?? { passed: false, seconds: 0, problem: job.message };
  }

  async wait(jobId: string): Promise<EngineJob> {
    return this.#find(jobId).ended;
  }

  async cancel(jobId: string): Promise<EngineJob> {
    const run = this.#find(jobId);
    run.cancel();
    return run.ended;
  }

  async cancelAll(): Promise<void> {
    const running = this.#running();
    for (const run of running) run.cancel();
    await Promise.all(running.map((run) => run.ended));
    await this.#background.settled();
  }

  /** Whether a job that is under way works on this installation. */
  isBusyWith(engine: string, installationId: string): boolean {
    return this.#running().some(
      ({ job }) => job.engine === engine && job.installationId === installationId,
    );
  }

  #running(): JobRun[] {
    return this.#runs.filter((run) => run.job.state === 'running');
  }

  #open(kind: EngineJob['kind'], adapter: EngineAdapter, version: string | undefined): JobRun {
    const busy = this.#running().find(({ job }) => job.engine === adapter.id);
    if (busy) {
      const message = `Another task is already running for ${adapter.id}: ${busy.job.message}.`;
      throw new DomainError('conflict', message, {
        action: makeAction('cancel_job', { job: busy.job.id }),
        data: { jobId: busy.job.id },
      });
    }
    const { clock, publish } = this.#options;
    const phases = PHASES[kind];
    const run = new JobRun({ engine: adapter.id, kind, version, phases, clock, publish });
    this.#runs = [...this.#runs, run].slice(-KEPT);
    return run;
  }

  /** Never rejects: a failure is the job's end. */
  async #run(run: JobRun, work: JobWork): Promise<EngineJob> {
    const { logger } = this.#options;
    const { engine, kind } = run.job;
    logger.info(`${kind} of ${engine} begins`, { job: run.job.id });
    try {
      const job = run.succeed(await work(run));
      logger.info(job.message, { job: job.id });
      return job;
    } catch (error) {
      const job = run.fail(error);
      logger.warn(`${kind} of ${engine}: ${job.message}`, { job: job.id, error: String(error) });
      return job;
    }
  }

  #find(jobId: string): JobRun {
    const run = this.#runs.find(({ job }) => job.id === jobId);
    if (run) return run;
    throw new DomainError('not_found', `There is no job "${jobId}".`);
  }
}
