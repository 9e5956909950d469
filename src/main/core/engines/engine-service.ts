import { rm } from 'node:fs/promises';
import path from 'node:path';

import type {
  AvailableEngine,
  EngineJob,
  EngineOption,
  Installation,
  SelfTestResult,
  VersionChange,
} from '@shared/domain/engine';
import { mendAction } from '@shared/domain/mend-installation';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

import { Deadline } from '../ports/deadline';
import type { CheckDepth } from './checks/installation-checks';
import type { RegisteredPlace } from './engine-installer';
import { EngineParts, type EngineServiceOptions } from './engine-parts';
import { folderSize } from './install/folder-size';
import type { CarriedOptions } from './options/carry-over';

/** Parts of the core have this long to stop where nobody gives them a deadline, ms. */
const STOP_LIMIT_MS = 3000;

/** What others see of engines: which are installed, which one is in use, what each understands. */
export class EngineService {
  readonly #options: EngineServiceOptions;
  readonly #parts: EngineParts;

  constructor(options: EngineServiceOptions) {
    this.#options = options;
    this.#parts = new EngineParts(options);
  }

  /** Whether the list was written by a newer version, so that nothing can be changed. */
  get readOnly(): boolean {
    return this.#parts.store.readOnly;
  }

  /** Reads the list, cleans what a dead manager left half done, and looks whether each can run. */
  async load(): Promise<void> {
    await this.#parts.store.load();
    if (!this.readOnly) await this.#parts.tidyUp.begin();
    this.#parts.checks.recall();
    await this.#parts.checks.checkAll('program');
    this.#lookInBackground();
  }

  /** Cancels jobs and waits until they have cleaned up. */
  async stop(deadline = Deadline.in(this.#options.ports.clock, STOP_LIMIT_MS)): Promise<void> {
    const { installer, catalog, background } = this.#parts;
    const ended = Promise.all([installer.cancelAll(), catalog.stop(), background.stop(deadline)]);
    await deadline.race(ended);
  }

  /** All installations as they were last seen, the newest first. */
  list(): Installation[] {
    return this.#parts.list();
  }

  /** The same, looked at now. */
  async listChecked(depth: CheckDepth): Promise<Installation[]> {
    await this.#parts.checks.checkAll(depth);
    return this.list();
  }

  get(id: string): Installation | undefined {
    const stored = this.#parts.store.get(id);
    return stored && this.#parts.view(stored);
  }

  /** One installation, looked at now. Undefined when it is not in the list. */
  async getChecked(id: string, depth: CheckDepth = 'program'): Promise<Installation | undefined> {
    if (this.#parts.store.get(id)) await this.#parts.checks.check(id, depth);
    return this.get(id);
  }

  /** The installation that profiles of this engine run with, unless they are pinned. */
  inUse(engine: string): Installation | undefined {
    const id = this.#parts.store.used(engine).at(-1);
    return id === undefined ? undefined : this.get(id);
  }

  /** Folder of an installation's executables. */
  binOf(installation: Pick<Installation, 'id' | 'path'>): string {
    return this.#parts.store.get(installation.id)?.bin ?? path.join(installation.path, 'bin');
  }

  /** What can be installed; the newest version is null when the package index cannot be asked. */
  available({ quick }: { quick: boolean } = { quick: false }): Promise<AvailableEngine[]> {
    // Who asks is about to show the installations as well.
    this.#lookInBackground();
    return this.#parts.catalog.list(this.list(), quick);
  }

  /** Installs a version (the tested one without, or `newest`) beside the others, tests it, puts it in use. */
  async install(engine: string, version?: string): Promise<EngineJob> {
    this.#checkWritable();
    return this.#parts.installer.install(this.#parts.adapter(engine), version);
  }

  /** Installs the newest version beside the others, tests it, puts it in use. */
  async update(engine: string): Promise<EngineJob> {
    this.#checkWritable();
    return this.#parts.installer.update(this.#parts.adapter(engine));
  }

  /** Rebuilds a managed installation; see {@link EngineInstaller.reinstall}. */
  async reinstall(id: string): Promise<EngineJob> {
    this.#checkWritable();
    const installation = this.#usable(id);
    return this.#parts.installer.reinstall(this.#parts.adapter(installation.engine), installation);
  }

  /** Adds an existing Python environment or server program, after the same test. */
  async register(input: RegisteredPlace & { readonly engine: string }): Promise<EngineJob> {
    this.#checkWritable();
    return this.#parts.installer.register(this.#parts.adapter(input.engine), input);
  }

  /** Tests an installation again: its state afterwards is what the test showed. */
  async test(id: string): Promise<SelfTestResult> {
    this.#checkWritable();
    const installation = this.#usable(id);
    return this.#parts.installer.test(this.#parts.adapter(installation.engine), installation);
  }

  /**
   * Profiles that are not pinned run with this one from their next start on.
   * @throws DomainError conflict while it is being installed, engine_broken when it cannot run.
   */
  async use(id: string): Promise<Installation> {
    this.#checkWritable();
    const stored = this.#parts.find(this.#usable(id).id);
    await this.#parts.checks.check(id, 'files');
    const { state, problem } = this.#parts.view(stored);
    if (state === 'installing')
      throw new DomainError('conflict', `${id} is still being installed.`);
    if (state === 'broken') {
      const message = `${id} can't be put in use. ${problem ?? "It can't run."}`;
      throw new DomainError('conflict', message, { action: mendAction(stored) });
    }
    await this.#parts.store.use(stored);
    this.#parts.logger.info(`${id} is in use`);
    this.#parts.publish();
    return this.#parts.view(this.#parts.find(id));
  }

  /** Goes back to the installation that was in use before. */
  async rollback(engine: string): Promise<Installation> {
    const adapter = this.#parts.adapter(engine);
    const earlier = this.#parts.store
      .used(adapter.id)
      .slice(0, -1)
      .findLast((id) => this.get(id)?.state === 'ready');
    if (earlier === undefined) {
      const message = `No earlier working version of ${adapter.id} is installed.`;
      throw new DomainError('not_found', message);
    }
    return this.use(earlier);
  }

  /**
   * Deletes a managed installation from disk, forgets a registered one.
   * @throws DomainError `in_use` while a server runs with it or a profile is pinned to it.
   */
  async remove(id: string): Promise<void> {
    this.#checkWritable();
    const stored = this.#parts.find(id);
    if (this.#parts.installer.isBusyWith(stored.engine, id)) {
      throw new DomainError('conflict', `${id} is being installed or tested.`);
    }
    const { running, pinned } = this.#options.usedBy(id);
    if (running.length > 0 || pinned.length > 0) throw stillUsed(id, running, pinned);
    await this.#parts.leftovers.remove(stored);
    this.#parts.checks.forget(id);
    this.#parts.options.forget(id);
    this.#parts.logger.info(`${id} was removed`);
    this.#parts.publish();
  }

  /** What the installed version understands; read from its `--help` once. */
  async options(id: string): Promise<EngineOption[]> {
    return this.#parts.options.of(this.#parts.find(id));
  }

  /** What putting an installation in use would mean for options and profiles. */
  async change(input: {
    readonly installationId: string;
    readonly from?: string | undefined;
  }): Promise<VersionChange> {
    const to = this.#parts.find(input.installationId);
    const from = input.from ?? this.#parts.store.used(to.engine).at(-1);
    return this.#parts.options.change(from === undefined ? undefined : this.#parts.find(from), to);
  }

  /** A profile's options for this engine as it is installed, and what it cannot take over. */
  async carryOver(engine: string, options: ServerProfile['options']): Promise<CarriedOptions> {
    const used = this.#parts.store.used(engine).at(-1);
    return this.#parts.options.carryOver(
      engine,
      used ? this.#parts.find(used) : undefined,
      options,
    );
  }

  /** Jobs under way and the last ones that ended, oldest first. */
  jobs(): EngineJob[] {
    return this.#parts.installer.list();
  }

  /** Resolves when the job has ended and cleaned up, however it ended. */
  waitJob(jobId: string): Promise<EngineJob> {
    return this.#parts.installer.wait(jobId);
  }

  /** Ends a job with all its processes; resolves when nothing of it is left. A job that has ended is left. */
  cancel(jobId: string): Promise<void> {
    return this.#parts.installer.cancel(jobId);
  }

  /** Bytes of the managed installations and of the installer tools, and how many installations there are. */
  async usage(): Promise<{ bytes: number; count: number }> {
    const tools = path.join(this.#options.ports.paths.home, 'tools');
    const bytes = await Promise.all([this.#options.ports.paths.engines, tools].map(folderSize));
    return {
      bytes: bytes.reduce((sum, size) => sum + size, 0),
      count: this.#parts.store.all().length,
    };
  }

  /** Deletes every installation and the installer tools, and forgets registered ones. */
  async removeAll(): Promise<void> {
    this.#checkWritable();
    await this.#parts.installer.cancelAll();
    for (const stored of this.#parts.store.all()) {
      const { running } = this.#options.usedBy(stored.id);
      if (running.length > 0) throw stillUsed(stored.id, running, []);
    }
    for (const stored of this.#parts.store.all()) await this.#parts.leftovers.remove(stored);
    const { engines, home } = this.#options.ports.paths;
    for (const folder of [engines, path.join(home, 'tools')]) {
      await rm(folder, { recursive: true, force: true });
    }
    this.#parts.publish();
  }

  /** @throws DomainError conflict for one of which only the folder is left. */
  #usable(id: string): Installation {
    const installation = this.#parts.view(this.#parts.find(id));
    if (!installation.isLeftover) return installation;
    const message = `${id} can only be removed. ${installation.problem ?? ''}`.trim();
    throw new DomainError('conflict', message, { action: mendAction(installation) });
  }

  /** Before anything on disk is touched. */
  #checkWritable(): void {
    if (!this.readOnly) return;
    throw new DomainError(
      'read_only',
      "The list of engines can't be changed: a newer version saved it, or it can't be read.",
    );
  }

  #lookInBackground(): void {
    this.#parts.background.run('checking installations', (signal) =>
      this.#parts.checks.checkAll('files', signal),
    );
  }
}

function stillUsed(id: string, running: readonly string[], pinned: readonly string[]): DomainError {
  const why = [
    running.length > 0 ? `${running.join(', ')} ${running.length > 1 ? 'use' : 'uses'} it` : '',
    pinned.length > 0
      ? `${pinned.join(', ')} ${pinned.length > 1 ? 'are' : 'is'} pinned to it`
      : '',
  ].filter((part) => part !== '');
  return new DomainError('in_use', `${id} can't be removed: ${why.join('; ')}.`, {
    data: { running, pinned },
  });
}
