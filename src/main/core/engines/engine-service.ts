import { access, rm } from 'node:fs/promises';
import path from 'node:path';

import type {
  AvailableEngine,
  EngineJob,
  EngineOption,
  Installation,
  SelfTestResult,
  VersionChange,
} from '@shared/domain/engine';
import { InstallableId, type ServerProfile } from '@shared/domain/profile';
import { DomainError, validationError } from '@shared/errors';

import type { DocumentStore, Logger, Ports } from '../ports';
import { installerEnv } from '../processes/child-env';
import { isAlive } from '../processes/liveness';
import type { NoticeBoard } from '../notices/notice-board';
import type { EngineAdapter } from './adapters/adapter';
import { type CarriedOptions, carryOver } from './options/carry-over';
import { EngineJobs } from './install/engine-jobs';
import { type EnginePackages, readPackages } from './install/engine-packages';
import { EngineStore, publicInstallation, type StoredInstallation } from './install/engine-store';
import { type EngineWork, installWork, testWork } from './install/engine-work';
import { folderSize } from './install/folder-size';
import { NewestVersions } from './install/newest-versions';
import { readHelp } from './install/inspect-engine';
import { optionDrift, profileProblems } from './options/option-drift';
import { parseOptions } from './options/options-parser';
import { registerWork } from './install/register-engine';
import { Uv } from './install/uv';

export interface EngineServiceOptions {
  readonly ports: Ports;
  readonly adapters: readonly EngineAdapter[];
  readonly document: DocumentStore;
  readonly notices: NoticeBoard;
  /** Serves the built-in model with it and asks for tokens; rejects only when that cannot be tried. */
  readonly selfTest: (
    installation: Installation,
    onLine: (text: string) => void,
    signal: AbortSignal,
  ) => Promise<SelfTestResult>;
  readonly profiles: () => readonly ServerProfile[];
  readonly publishInstallations: (list: Installation[]) => void;
  readonly publishJob: (job: EngineJob) => void;
  /** Names of the servers that run with it and of the profiles that are pinned to it. */
  readonly usedBy: (installationId: string) => {
    readonly running: readonly string[];
    readonly pinned: readonly string[];
  };
}

/** Installs, tests, switches and removes engines. One job per engine at a time. */
export class EngineService {
  readonly #options: EngineServiceOptions;
  readonly #logger: Logger;
  readonly #store: EngineStore;
  readonly #jobs: EngineJobs;
  readonly #uv: Uv;
  readonly #newest: NewestVersions;
  readonly #parsed = new Map<string, { readonly help: string; readonly options: EngineOption[] }>();
  /** Installations whose program was not there at the last look. */
  #gone: ReadonlySet<string> = new Set();

  constructor(options: EngineServiceOptions) {
    const { ports, document, notices } = options;
    const { clock, paths } = ports;
    this.#options = options;
    this.#logger = ports.logger.child('engines');
    this.#store = new EngineStore({ document, clock, logger: this.#logger, notices });
    this.#jobs = new EngineJobs({ clock, logger: this.#logger, publish: options.publishJob });
    this.#uv = new Uv({
      folder: path.join(paths.home, 'tools'),
      bundled: path.join(ports.resources, 'bin', 'uv'),
      requirements: path.join(ports.resources, 'engines', 'uv', 'all.txt'),
      env: installerEnv(ports.env),
      monotonic: () => clock.monotonic(),
    });
    this.#newest = new NewestVersions({
      uv: this.#uv,
      clock,
      folder: paths.cache,
      packages: (adapter) => this.#packages(adapter),
      onNews: () => options.publishInstallations(this.list()),
    });
  }

  /** Whether the list was written by a newer version, so that nothing can be changed. */
  get readOnly(): boolean {
    return this.#store.readOnly;
  }

  /** Reads the list, looks whether each is still there, and cleans what a dead manager left half done. */
  async load(): Promise<void> {
    await this.#store.load();
    for (const one of this.#store.all()) {
      if (one.state !== 'installing' || (await this.#isInstalling(one))) continue;
      this.#logger.warn(`Removing the half installed ${one.id}: its installer is gone`);
      if (!this.readOnly) await this.#delete(one);
    }
    await this.#look();
  }

  /** What another manager may still be at is not touched: only one that is known to be gone leaves a ruin. */
  async #isInstalling({ installer }: StoredInstallation): Promise<boolean> {
    if (!installer) return false;
    const alive = await isAlive(this.#options.ports.processes, installer);
    return !alive.known || alive.value;
  }

  /** Cancels jobs and waits until they have cleaned up. */
  async stop(): Promise<void> {
    await this.#jobs.cancelAll();
  }

  /** All installations, the newest first. */
  list(): Installation[] {
    return [...this.#store.all()].reverse().map((stored) => this.#public(stored));
  }

  get(id: string): Installation | undefined {
    const stored = this.#store.get(id);
    return stored && this.#public(stored);
  }

  /** The installation that profiles of this engine run with, unless they are pinned. */
  inUse(engine: string): Installation | undefined {
    const id = this.#store.used(engine).at(-1);
    return id === undefined ? undefined : this.get(id);
  }

  /** Folder of an installation's executables. */
  binOf(installation: Pick<Installation, 'id' | 'path'>): string {
    return this.#store.get(installation.id)?.bin ?? path.join(installation.path, 'bin');
  }

  /** What can be installed; the newest version is null when the package index cannot be asked. */
  available({ quick }: { quick: boolean } = { quick: false }): Promise<AvailableEngine[]> {
    return Promise.all(
      this.#options.adapters.map(async (adapter) => ({
        engine: InstallableId.parse(adapter.id),
        title: adapter.title,
        description: adapter.description,
        recommended: adapter.recommended,
        capabilities: [...adapter.capabilities],
        version: await this.#newest.of(adapter, quick),
        tested: (await this.#packages(adapter)).lockedVersion,
        installed: this.#store
          .all()
          .filter(({ engine, state }) => engine === adapter.id && state !== 'installing')
          .map(({ version }) => version),
      })),
    );
  }

  /** Installs a version (the tested one without, or `newest`) beside the others, tests it, puts it in use. */
  async install(engine: string, version?: string): Promise<EngineJob> {
    this.#checkWritable();
    const adapter = this.#adapter(engine);
    return this.#jobs.start(
      'install',
      adapter,
      named(version),
      installWork(this.#work(adapter), version),
    );
  }

  /** Installs the newest version beside the others, tests it, puts it in use. */
  async update(engine: string): Promise<EngineJob> {
    this.#checkWritable();
    const adapter = this.#adapter(engine);
    return this.#jobs.start(
      'update',
      adapter,
      undefined,
      installWork(this.#work(adapter), 'newest'),
    );
  }

  /** Adds an existing Python environment or server program, after the same test. */
  async register(input: {
    readonly engine: string;
    readonly python?: string | undefined;
    readonly command?: string | undefined;
  }): Promise<EngineJob> {
    const { engine, python, command } = input;
    this.#checkWritable();
    if ((python === undefined) === (command === undefined)) {
      const message = 'Give either the path of a Python or that of a server program.';
      throw validationError([{ field: python === undefined ? 'python' : 'command', message }]);
    }
    const adapter = this.#adapter(engine);
    const work = registerWork(this.#work(adapter), { python, command });
    return this.#jobs.start('register', adapter, undefined, work);
  }

  /** Tests an installation again: its state afterwards is what the test showed. */
  async test(id: string): Promise<SelfTestResult> {
    this.#checkWritable();
    const stored = this.#find(id);
    const adapter = this.#adapter(stored.engine);
    return this.#jobs.runTest(adapter, stored.version, (job) =>
      testWork(this.#work(adapter), id)(job),
    );
  }

  /** Profiles that are not pinned run with this one from their next start on. */
  async use(id: string): Promise<Installation> {
    const stored = this.#find(id);
    const shown = this.#public(stored);
    if (shown.state !== 'ready') {
      throw new DomainError(
        'conflict',
        shown.state === 'installing'
          ? `${id} is still being installed.`
          : `${id} cannot be put in use: ${shown.problem ?? 'its self-test failed'}`,
      );
    }
    await this.#store.use(stored);
    this.#logger.info(`${id} is in use`);
    this.#publish();
    return this.#public(stored);
  }

  /** Goes back to the installation that was in use before. */
  async rollback(engine: string): Promise<Installation> {
    const adapter = this.#adapter(engine);
    const earlier = this.#store
      .used(adapter.id)
      .slice(0, -1)
      .findLast((id) => this.get(id)?.state === 'ready');
    if (earlier === undefined) {
      const message = `There is no earlier working installation of ${adapter.id} to go back to.`;
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
    const stored = this.#find(id);
    if (this.#jobs.isBusyWith(stored.engine, id)) {
      throw new DomainError('conflict', `${id} is being installed or tested now.`);
    }
    const { running, pinned } = this.#options.usedBy(id);
    if (running.length > 0 || pinned.length > 0) throw stillUsed(id, running, pinned);
    await this.#delete(stored);
    this.#logger.info(`${id} was removed`);
    this.#publish();
  }

  /** What the installed version understands; read from its `--help` once. */
  async options(id: string): Promise<EngineOption[]> {
    const stored = this.#find(id);
    if (stored.help !== undefined) return this.#parse(stored.id, stored.engine, stored.help);
    const program = programOf(stored, this.#adapter(stored.engine));
    const { helpArgs } = this.#adapter(stored.engine);
    const help = await readHelp(program, helpArgs, installerEnv(this.#options.ports.env));
    if (!this.readOnly) await this.#store.put({ ...this.#find(id), help });
    return this.#parse(stored.id, stored.engine, help);
  }

  /** What putting an installation in use would mean for options and profiles. */
  async change(input: {
    readonly installationId: string;
    readonly from?: string | undefined;
  }): Promise<VersionChange> {
    const to = this.#find(input.installationId);
    const from = input.from === undefined ? this.inUse(to.engine) : this.#find(input.from);
    if (from && from.engine !== to.engine) {
      const message = `${from.id} is an installation of ${from.engine}, not of ${to.engine}.`;
      throw validationError([{ field: 'from', message }]);
    }
    const after = await this.options(to.id);
    const before = from ? await this.options(from.id) : after;
    const drift = optionDrift(before, after);
    const adapter = this.#adapter(to.engine);
    const profiles = this.#options
      .profiles()
      .filter(({ engine, installation }) => engine === to.engine && installation === null)
      .map(({ id, name, options }) => ({
        profileId: id,
        name,
        problems: profileProblems(options, drift, after, adapter),
      }));
    return { from: from?.id ?? null, to: to.id, drift, profiles };
  }

  /** A profile's options for this engine as it is installed, and what it cannot take over. */
  async carryOver(engine: string, options: ServerProfile['options']): Promise<CarriedOptions> {
    const installation = this.inUse(engine);
    const known = installation ? await this.options(installation.id) : undefined;
    return carryOver(options, known, this.#adapter(engine));
  }

  /** Jobs under way and the last ones that ended, oldest first. */
  jobs(): EngineJob[] {
    return this.#jobs.list();
  }

  /** Resolves when the job has ended and cleaned up, however it ended. */
  waitJob(jobId: string): Promise<EngineJob> {
    return this.#jobs.wait(jobId);
  }

  /** Ends a job with all its processes; resolves when nothing of it is left. A job that has ended is left. */
  async cancel(jobId: string): Promise<void> {
    await this.#jobs.cancel(jobId);
  }

  /** Bytes of the managed installations and of the installer tools, and how many installations there are. */
  async usage(): Promise<{ bytes: number; count: number }> {
    const tools = path.join(this.#options.ports.paths.home, 'tools');
    const bytes = await Promise.all([this.#options.ports.paths.engines, tools].map(sizeOrNothing));
    return { bytes: bytes.reduce((sum, size) => sum + size, 0), count: this.#store.all().length };
  }

  /** Deletes every installation and the installer tools, and forgets registered ones. */
  async removeAll(): Promise<void> {
    this.#checkWritable();
    await this.#jobs.cancelAll();
    for (const stored of this.#store.all()) {
      const { running } = this.#options.usedBy(stored.id);
      if (running.length > 0) throw stillUsed(stored.id, running, []);
    }
    await this.#store.clear();
    const { engines, home } = this.#options.ports.paths;
    for (const folder of [engines, path.join(home, 'tools')]) {
      await rm(folder, { recursive: true, force: true });
    }
    this.#publish();
  }

  /** Before anything on disk is touched. */
  #checkWritable(): void {
    if (!this.readOnly) return;
    throw new DomainError(
      'read_only',
      'The list of engines cannot be changed: a newer version wrote it, or it cannot be read.',
    );
  }

  #work(adapter: EngineAdapter): EngineWork {
    const { ports, selfTest } = this.#options;
    return {
      adapter,
      uv: this.#uv,
      packages: () => this.#packages(adapter),
      store: this.#store,
      processes: ports.processes,
      env: installerEnv(ports.env),
      enginesFolder: ports.paths.engines,
      cacheFolder: ports.paths.cache,
      now: () => new Date(ports.clock.now()).toISOString(),
      selfTest,
      show: (id) => this.#public(this.#find(id)),
      isGone: async (stored) => !(await isThere(programOf(stored, adapter))),
      isUsed: (id) => {
        const { running, pinned } = this.#options.usedBy(id);
        return running.length > 0 || pinned.length > 0;
      },
      remove: (stored) => this.#delete(stored),
      changed: () => this.#changed(),
    };
  }

  #packages({ id, distribution }: EngineAdapter): Promise<EnginePackages> {
    return readPackages({ resources: this.#options.ports.resources, engine: id, distribution });
  }

  async #changed(): Promise<void> {
    await this.#look();
    this.#publish();
  }

  #publish(): void {
    this.#options.publishInstallations(this.list());
  }

  async #delete(stored: StoredInstallation): Promise<void> {
    if (stored.origin === 'managed') await rm(stored.path, { recursive: true, force: true });
    await this.#store.remove(stored.id);
    this.#parsed.delete(stored.id);
  }

  /** Looks which programs are there: a disk may be away, a person may have deleted a folder. */
  async #look(): Promise<void> {
    const gone = await Promise.all(
      this.#store.all().map(async (stored) => {
        const adapter = this.#options.adapters.find(({ id }) => id === stored.engine);
        if (!adapter || stored.state === 'installing') return [];
        return (await isThere(programOf(stored, adapter))) ? [] : [stored.id];
      }),
    );
    this.#gone = new Set(gone.flat());
  }

  #public(stored: StoredInstallation): Installation {
    return publicInstallation(stored, {
      inUse: this.#store.used(stored.engine).at(-1) === stored.id,
      gone: this.#gone.has(stored.id),
      optionCount:
        stored.help === undefined
          ? undefined
          : this.#parse(stored.id, stored.engine, stored.help).filter(({ reserved }) => !reserved)
              .length,
    });
  }

  #parse(id: string, engine: string, help: string): EngineOption[] {
    const before = this.#parsed.get(id);
    if (before?.help === help) return before.options;
    const adapter = this.#options.adapters.find((candidate) => candidate.id === engine);
    const options = adapter ? parseOptions(help, adapter) : [];
    this.#parsed.set(id, { help, options });
    return options;
  }

  #find(id: string): StoredInstallation {
    const stored = this.#store.get(id);
    if (stored) return stored;
    const known = this.#store.all().map((one) => one.id);
    const list = known.length === 0 ? 'none is installed' : `there are ${known.join(', ')}`;
    throw new DomainError('not_found', `There is no installation "${id}"; ${list}.`);
  }

  #adapter(engine: string): EngineAdapter {
    const adapter = this.#options.adapters.find((candidate) => candidate.id === engine);
    if (adapter) return adapter;
    throw new DomainError('not_found', `The engine "${engine}" is unknown.`);
  }
}

/** `newest` is a wish, not yet a version. */
function named(version: string | undefined): string | undefined {
  return version === 'newest' ? undefined : version;
}

/** The program that is run to serve. */
function programOf(stored: StoredInstallation, adapter: EngineAdapter): string {
  return stored.command ?? path.join(stored.bin, adapter.executable);
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** A folder that is not there takes no room. */
async function sizeOrNothing(folder: string): Promise<number> {
  return (await isThere(folder)) ? folderSize(folder) : 0;
}

function stillUsed(id: string, running: readonly string[], pinned: readonly string[]): DomainError {
  const why = [
    running.length > 0
      ? `${running.join(', ')} ${running.length > 1 ? 'run' : 'runs'} with it`
      : '',
    pinned.length > 0
      ? `${pinned.join(', ')} ${pinned.length > 1 ? 'are' : 'is'} pinned to it`
      : '',
  ].filter((part) => part !== '');
  return new DomainError('in_use', `${id} cannot be removed: ${why.join('; ')}.`, {
    data: { running, pinned },
  });
}
