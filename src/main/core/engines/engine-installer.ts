import type { EngineJob, Installation, SelfTestResult } from '@shared/domain/engine';
import { DomainError, validationError } from '@shared/errors';

import type { Clock, Logger } from '../ports';
import type { EngineAdapter } from './adapters/adapter';
import type { EngineChecks } from './engine-checks';
import { EngineJobs } from './install/engine-jobs';
import type { EnginePackages } from './install/engine-packages';
import type { EngineStore } from './install/engine-store';
import { type EngineWork, testWork } from './install/engine-work';
import { installWork, reinstallWork } from './install/install-work';
import type { Leftovers } from './install/leftovers';
import { registerWork } from './install/register-engine';
import type { Uv } from './install/uv';
import type { OwnedTools } from './tools/owned-tools';

export interface EngineInstallerOptions
  extends Pick<
    EngineWork,
    'env' | 'run' | 'enginesFolder' | 'cacheFolder' | 'selfTest' | 'usedBy'
  > {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: EngineStore;
  readonly uv: Uv;
  readonly tools: OwnedTools;
  readonly checks: EngineChecks;
  readonly leftovers: Leftovers;
  readonly packages: (adapter: EngineAdapter) => Promise<EnginePackages>;
  readonly show: (id: string) => Installation;
  readonly changed: () => Promise<void>;
  readonly publishJob: (job: EngineJob) => void;
}

/** Where something that is on this machine already can be found. */
export interface RegisteredPlace {
  readonly python?: string | undefined;
  readonly command?: string | undefined;
}

/** Begins and ends the jobs that make, rebuild, register and test installations; one at a time for each engine. */
export class EngineInstaller {
  readonly #options: EngineInstallerOptions;
  readonly #jobs: EngineJobs;

  constructor(options: EngineInstallerOptions) {
    this.#options = options;
    const { clock, logger, publishJob: publish } = options;
    this.#jobs = new EngineJobs({ clock, logger, publish });
  }

  /** A version (the tested one without, or `newest`) beside the others, tested and put in use. */
  install(adapter: EngineAdapter, version: string | undefined): EngineJob {
    // `newest` is a wish, not yet a version.
    const named = version === 'newest' ? undefined : version;
    return this.#jobs.start('install', adapter, named, installWork(this.#work(adapter), version));
  }

  update(adapter: EngineAdapter): EngineJob {
    const work = installWork(this.#work(adapter), 'newest');
    return this.#jobs.start('update', adapter, undefined, work);
  }

  /**
   * The same version of a managed installation anew, under the same id.
   * @throws DomainError conflict for one that a person registered, in_use while a server runs with it.
   */
  reinstall(adapter: EngineAdapter, { id, origin, version }: Installation): EngineJob {
    if (origin === 'registered') {
      const message = `${id} is an environment of your own: repair it where it is and test it again, or remove it from the list.`;
      throw new DomainError('conflict', message);
    }
    const { running } = this.#options.usedBy(id);
    if (running.length > 0) {
      const message = `Stop ${running.join(', ')} before reinstalling ${id}.`;
      throw new DomainError('in_use', message, { data: { running } });
    }
    return this.#jobs.start('reinstall', adapter, version, reinstallWork(this.#work(adapter), id));
  }

  /** Adds an existing Python environment or server program, after the same test. */
  register(adapter: EngineAdapter, { python, command }: RegisteredPlace): EngineJob {
    if ((python === undefined) === (command === undefined)) {
      const message = 'Specify either the path of a Python or the path of a server program.';
      throw validationError([{ field: python === undefined ? 'python' : 'command', message }]);
    }
    const work = registerWork(this.#work(adapter), { python, command });
    return this.#jobs.start('register', adapter, undefined, work);
  }

  /** Tests an installation again: its state afterwards is what the test showed. */
  test(adapter: EngineAdapter, { id, version }: Installation): Promise<SelfTestResult> {
    return this.#jobs.runTest(adapter, version, testWork(this.#work(adapter), id));
  }

  isBusyWith(engine: string, id: string): boolean {
    return this.#jobs.isBusyWith(engine, id);
  }

  /** Under way and the last ones that ended, oldest first. */
  list(): EngineJob[] {
    return this.#jobs.list();
  }

  wait(jobId: string): Promise<EngineJob> {
    return this.#jobs.wait(jobId);
  }

  async cancel(jobId: string): Promise<void> {
    await this.#jobs.cancel(jobId);
  }

  cancelAll(): Promise<void> {
    return this.#jobs.cancelAll();
  }

  #work(adapter: EngineAdapter): EngineWork {
    const { checks, leftovers, packages, clock, tools } = this.#options;
    return {
      ...this.#options,
      adapter,
      packages: () => packages(adapter),
      now: () => new Date(clock.now()).toISOString(),
      check: (id, depth, signal) => checks.check(id, depth, signal),
      forgetCheck: (id) => checks.forget(id),
      absentFiles: (stored) => checks.absentFiles(stored),
      manager: () => tools.manager(),
      own: (purpose) => tools.own(purpose),
      discard: async (stored) => {
        await leftovers.discard(stored);
      },
    };
  }
}
