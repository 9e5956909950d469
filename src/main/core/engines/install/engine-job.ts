import { randomBytes } from 'node:crypto';

import type { EngineJob, EngineJobPhase } from '@shared/domain/engine';
import { DomainError } from '@shared/errors';

import type { Clock } from '../../ports';
import { toFailure } from '../../failures/convert';
import { withoutCredentials } from './install-failure';
import type { UvCall } from './uv';
import { throwIfCancelled, ToolLeftError } from '../tools/tool-runner';

export type PhaseId = EngineJobPhase['id'];

/** What each phase is called, and its share of the whole. */
const PHASES: Readonly<Record<PhaseId, { readonly label: string; readonly share: number }>> = {
  tools: { label: 'Preparing the installer', share: 1 },
  python: { label: 'Setting up Python', share: 1 },
  packages: { label: 'Installing packages', share: 5 },
  options: { label: 'Reading options', share: 1 },
  'self-test': { label: 'Testing with the built-in model', share: 3 },
  use: { label: 'Activating', share: 1 },
};

const CANCELLED: Readonly<Record<EngineJob['kind'], string>> = {
  install: 'Canceled. Nothing was installed.',
  update: 'Canceled. Nothing was installed.',
  reinstall: 'Canceled. The old installation is still there.',
  register: 'Canceled. Nothing was registered.',
  test: 'Canceled.',
};

/** Lines of the tools' output that are kept. */
const LOG_LINES = 300;

export interface JobOptions {
  readonly engine: string;
  readonly kind: EngineJob['kind'];
  readonly version?: string | undefined;
  readonly phases: readonly PhaseId[];
  readonly clock: Clock;
  readonly publish: (job: EngineJob) => void;
}

/** What a phase's work may tell while it runs. */
export interface PhaseReport {
  detail(text: string): void;
  /** How much of this phase is done, 0 to 1. */
  fraction(part: number): void;
}

/** One job under way: its phases, its log, its end. */
export class JobRun {
  readonly #clock: Clock;
  readonly #publish: (job: EngineJob) => void;
  readonly #abort = new AbortController();
  readonly #end = Promise.withResolvers<EngineJob>();
  #job: EngineJob;
  #part = 0;

  constructor({ engine, kind, version, phases, clock, publish }: JobOptions) {
    this.#clock = clock;
    this.#publish = publish;
    this.#job = {
      id: randomBytes(6).toString('hex'),
      engine,
      ...(version === undefined ? {} : { version }),
      kind,
      state: 'running',
      phases: phases.map((id) => ({ id, label: PHASES[id].label, state: 'waiting' })),
      fraction: 0,
      message: `${engine}: waiting`,
      startedAt: this.#time(),
      log: [],
    };
  }

  get job(): EngineJob {
    return this.#job;
  }

  /** What its tools are started with. */
  get call(): UvCall {
    return { onLine: this.line, signal: this.signal, job: this.#job.id };
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Resolves when it has ended and cleaned up, however it ended. */
  get ended(): Promise<EngineJob> {
    return this.#end.promise;
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Arrow function: handed to tools as their listener. */
  readonly line = (text: string): void => {
    const log = [...this.#job.log, withoutCredentials(text)].slice(-LOG_LINES);
    this.#change({ log });
  };

  about(facts: Partial<Pick<EngineJob, 'version' | 'installationId'>>): void {
    this.#change(facts);
  }

  /** Runs one phase; its failure is marked on it and passed on. */
  async phase<T>(id: PhaseId, work: (report: PhaseReport) => Promise<T>): Promise<T> {
    throwIfCancelled(this.signal);
    const began = this.#clock.monotonic();
    const seconds = (): number => Math.round(this.#clock.monotonic() - began) / 1000;
    this.#part = 0;
    this.#changePhase(id, { state: 'running' });
    const report: PhaseReport = {
      detail: (detail) => this.#changePhase(id, { detail }),
      fraction: (part) => {
        this.#part = Math.min(1, Math.max(this.#part, part));
        this.#change({});
      },
    };
    try {
      const result = await work(report);
      this.#part = 0;
      this.#changePhase(id, { state: 'done', seconds: seconds() });
      return result;
    } catch (error) {
      this.#changePhase(id, { state: 'failed', seconds: seconds() });
      throw error;
    }
  }

  succeed(message: string): EngineJob {
    const phases = this.#job.phases.map((phase) => ({ ...phase, state: 'done' as const }));
    return this.#finish({ state: 'done', phases, fraction: 1, message });
  }

  fail(error: unknown): EngineJob {
    const isLeft = error instanceof ToolLeftError;
    const isCancelled =
      this.signal.aborted || (error instanceof DomainError && error.code === 'cancelled');
    if (isCancelled && !isLeft) {
      return this.#finish({ state: 'cancelled', message: CANCELLED[this.#job.kind] });
    }
    const failure = toFailure(error);
    this.line(failure.message);
    return this.#finish({ state: 'failed', message: failure.message, failure });
  }

  #finish(changes: Partial<EngineJob>): EngineJob {
    this.#change({ ...changes, endedAt: this.#time() });
    this.#end.resolve(this.#job);
    return this.#job;
  }

  #changePhase(id: PhaseId, changes: Partial<EngineJobPhase>): void {
    const phases = this.#job.phases.map((phase) =>
      phase.id === id ? { ...phase, ...changes } : phase,
    );
    const phase = phases.find((one) => one.id === id);
    this.#change({ phases, message: [phase?.label, phase?.detail].filter(Boolean).join(': ') });
  }

  #change(changes: Partial<EngineJob>): void {
    const next = { ...this.#job, ...changes };
    this.#job =
      next.state === 'running' ? { ...next, fraction: this.#fraction(next.phases) } : next;
    this.#publish(this.#job);
  }

  #fraction(phases: readonly EngineJobPhase[]): number {
    const share = (list: readonly EngineJobPhase[]): number =>
      list.reduce((sum, phase) => sum + PHASES[phase.id].share, 0);
    const done = share(phases.filter((phase) => phase.state === 'done'));
    const running = share(phases.filter((phase) => phase.state === 'running'));
    return Math.round(((done + running * this.#part) / share(phases)) * 1000) / 1000;
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}
