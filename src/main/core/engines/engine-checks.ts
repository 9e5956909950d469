import path from 'node:path';

import type { InstallationCheck } from '@shared/domain/engine';
import { DomainError } from '@shared/errors';

import type { Clock } from '../ports';
import { buildChildEnv } from '../processes/child-env';
import type { EngineAdapter } from './adapters/adapter';
import { type CheckedInstallation, damagedFiles } from './checks/check-installation';
import { realDisk } from './checks/disk';
import { type CheckDepth, InstallationChecks } from './checks/installation-checks';
import type { EngineStore, StoredInstallation } from './install/engine-store';
import { programOf } from './install/engine-work';

export interface EngineChecksOptions {
  readonly store: EngineStore;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined for an engine that only another version of this program knows. */
  readonly adapter: (engine: string) => EngineAdapter | undefined;
  /** Reads its `--help` by running its program. */
  readonly readHelp: (stored: StoredInstallation, signal?: AbortSignal) => Promise<string>;
  readonly onChange: () => void;
}

/** What a program shows that does not run; every other error leaves it unknown. */
const BROKEN: readonly DomainError['code'][] = ['engine_broken', 'engine_missing', 'permission'];

/** Whether each installation can run: the checks, on what the list has. */
export class EngineChecks {
  readonly #options: EngineChecksOptions;
  readonly #checks: InstallationChecks;

  constructor(options: EngineChecksOptions) {
    this.#options = options;
    const { platform, arch } = process;
    this.#checks = new InstallationChecks({
      clock: options.clock,
      tools: {
        disk: realDisk,
        // A Node for Intel runs on Apple silicon too; MLX is for Apple silicon alone.
        here: { platform, arch: platform === 'darwin' ? 'arm64' : arch },
        searchPath: (buildChildEnv(options.env).PATH ?? '').split(path.delimiter),
      },
      find: (id) => this.#find(id),
      run: (id, signal) => this.#run(id, signal),
      onChange: (id, check, depth) => this.#changed(id, check, depth),
    });
  }

  /** The last answer; undefined before the first look. */
  of(id: string): InstallationCheck | undefined {
    return this.#checks.of(id);
  }

  check(id: string, depth: CheckDepth, signal?: AbortSignal): Promise<InstallationCheck> {
    return this.#checks.check(id, depth, signal);
  }

  forget(id: string): void {
    this.#checks.forget(id);
  }

  /** Takes over what an earlier run of the manager found by running a program. */
  recall(): void {
    for (const { id, failedRun } of this.#options.store.all()) {
      if (failedRun !== undefined) this.#checks.remember(id, failedRun);
    }
  }

  /** Looks at every installation, one after the other: together they would keep the disk from servers. */
  async checkAll(depth: CheckDepth, signal?: AbortSignal): Promise<void> {
    for (const { id } of this.#options.store.all()) {
      if (signal?.aborted) return;
      if (this.#find(id)) await this.check(id, depth, signal);
    }
  }

  /** Files of its packages that are not there now, from `site-packages`. */
  async absentFiles(stored: StoredInstallation): Promise<string[]> {
    if (stored.origin === 'registered') return [];
    const damaged = await damagedFiles(stored, realDisk);
    return damaged.map((file) => file.path);
  }

  /** What is half made or left over is not judged. */
  #find(id: string): (CheckedInstallation & StoredInstallation) | undefined {
    const stored = this.#options.store.get(id);
    const adapter = stored && this.#options.adapter(stored.engine);
    if (!adapter || stored.state === 'installing' || stored.isLeftover) return undefined;
    return { ...stored, program: programOf(stored, adapter) };
  }

  async #run(id: string, signal: AbortSignal | undefined): Promise<InstallationCheck> {
    const stored = this.#find(id);
    if (!stored) return { state: 'unknown', reason: 'It has since been removed.' };
    try {
      await this.#options.readHelp(stored, signal);
      return { state: 'works' };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const reason = `Its program doesn't run: ${error.message}`;
      return { state: BROKEN.includes(error.code) ? 'cannot-run' : 'unknown', reason };
    }
  }

  async #changed(id: string, check: InstallationCheck, depth: CheckDepth): Promise<void> {
    const { store, onChange } = this.#options;
    const stored = store.get(id);
    if (stored && depth === 'run' && check.state !== 'unknown' && !store.readOnly) {
      const { failedRun: _before, ...rest } = stored;
      await store.put(check.state === 'works' ? rest : { ...rest, failedRun: check.reason });
    }
    onChange();
  }
}
