import path from 'node:path';

import type { EngineJob, Installation } from '@shared/domain/engine';
import { mendAction } from '@shared/domain/mend-installation';
import type { ServerProfile } from '@shared/domain/profile';
import { DomainError } from '@shared/errors';

import type { NoticeBoard } from '../notices/notice-board';
import type { DocumentStore, Logger, Ports } from '../ports';
import { Background } from '../ports/background';
import { buildChildEnv, installerEnv } from '../processes/child-env';
import type { EngineAdapter } from './adapters/adapter';
import { EngineCatalog } from './engine-catalog';
import { EngineChecks } from './engine-checks';
import { EngineInstaller } from './engine-installer';
import { EngineOptions } from './engine-options';
import { EngineStore, type StoredInstallation } from './install/engine-store';
import { type EngineWork, programOf } from './install/engine-work';
import { readHelp } from './install/inspect-engine';
import { Leftovers } from './install/leftovers';
import { TidyUp } from './install/tidy-up';
import { FETCHED_PARTS, Uv } from './install/uv';
import { RESOLVE_PARTS } from './install/install-engine';
import { OwnedTools } from './tools/owned-tools';
import { ToolRecords } from './tools/tool-records';
import { type RunTool, ToolRunner } from './tools/tool-runner';
import { viewOf } from './installation-view';

export interface EngineServiceOptions extends Pick<EngineWork, 'selfTest' | 'usedBy'> {
  readonly ports: Ports;
  readonly adapters: readonly EngineAdapter[];
  readonly document: DocumentStore;
  readonly notices: NoticeBoard;
  readonly profiles: () => readonly ServerProfile[];
  readonly publishInstallations: (list: Installation[]) => void;
  readonly publishJob: (job: EngineJob) => void;
  /** Whether this process holds the data folder; without it, nothing on the disk is touched. */
  readonly mayWrite: () => boolean;
}

/** The parts that engines are made of, each with what it needs of the others. */
export class EngineParts {
  readonly logger: Logger;
  readonly store: EngineStore;
  readonly background: Background;
  readonly tidyUp: TidyUp;
  readonly leftovers: Leftovers;
  readonly checks: EngineChecks;
  readonly options: EngineOptions;
  readonly catalog: EngineCatalog;
  readonly installer: EngineInstaller;
  readonly #sources: EngineServiceOptions;
  readonly #run: RunTool;

  constructor(options: EngineServiceOptions) {
    const { ports, document, notices } = options;
    const { clock, paths } = ports;
    this.#sources = options;
    const logger = ports.logger.child('engines');
    this.logger = logger;
    const store = new EngineStore({ document, clock, logger, notices });
    this.store = store;
    const env = installerEnv(ports.env);
    const find = (engine: string) => options.adapters.find(({ id }) => id === engine);
    const { processes } = ports;
    const { mayWrite } = options;
    const records = new ToolRecords(paths.run, logger);
    const onLeft = (): void => this.tidyUp.keepTrying();
    const tools = new OwnedTools({ records, processes, clock, logger, mayWrite, onLeft });
    const { run } = new ToolRunner({ tools, processes, clock, logger });
    this.#run = run;
    const toolFolder = path.join(paths.home, 'tools');
    this.leftovers = new Leftovers({
      ...{ store, tools, processes, notices, logger, folder: paths.engines },
      workFolders: [
        { folder: toolFolder, leaves: FETCHED_PARTS },
        // Where uv unpacks a Python.
        { folder: path.join(toolFolder, 'python', '.temp'), leaves: /./ },
        { folder: paths.cache, leaves: RESOLVE_PARTS },
      ],
      engines: options.adapters.map(({ id }) => id),
    });
    this.background = new Background(logger);
    this.tidyUp = new TidyUp({
      ...{ tools, clock, mayWrite, leftovers: this.leftovers, background: this.background },
      changed: () => this.publish(),
    });
    this.checks = new EngineChecks({
      ...{ store, clock, env: ports.env, adapter: find },
      readHelp: (stored, signal) => this.#readHelp(stored, signal),
      onChange: () => this.publish(),
    });
    this.options = new EngineOptions({
      adapter: find,
      helpOf: (stored) => this.#helpOf(stored),
      profiles: options.profiles,
    });
    const uv = new Uv({
      ...{ env, run, folder: toolFolder },
      bundled: path.join(ports.resources, 'bin', 'uv'),
      requirements: path.join(ports.resources, 'engines', 'uv', 'all.txt'),
      monotonic: () => clock.monotonic(),
    });
    this.catalog = new EngineCatalog({
      ...{ uv, clock, logger, adapters: options.adapters, resources: ports.resources },
      cacheFolder: paths.cache,
      onNews: () => this.publish(),
    });
    this.installer = new EngineInstaller({
      ...options,
      ...{ store, tools, uv, env, run, clock, logger },
      packages: (adapter) => this.catalog.packagesOf(adapter),
      enginesFolder: paths.engines,
      cacheFolder: paths.cache,
      checks: this.checks,
      leftovers: this.leftovers,
      show: (id) => this.view(this.find(id)),
      changed: async () => this.publish(),
    });
  }

  /** All installations as they were last seen, the newest first. */
  list(): Installation[] {
    return this.store
      .all()
      .filter(({ replaces }) => replaces === undefined)
      .toReversed()
      .map((stored) => this.view(stored));
  }

  publish(): void {
    this.#sources.publishInstallations(this.list());
  }

  view(stored: StoredInstallation): Installation {
    return viewOf(stored, {
      inUse: this.store.used(stored.engine).at(-1) === stored.id,
      optionCount: this.options.countOf(stored),
      check: this.checks.of(stored.id),
    });
  }

  /** Its `--help`: stored, or read now by running its program. */
  async #helpOf(stored: StoredInstallation): Promise<string> {
    if (stored.help !== undefined) return stored.help;
    const help = await this.#readHelp(stored);
    if (!this.store.readOnly) await this.store.put({ ...this.find(stored.id), help });
    return help;
  }

  /** @throws DomainError engine_broken with what mends it, timeout, and others when it cannot be told. */
  async #readHelp(stored: StoredInstallation, signal?: AbortSignal): Promise<string> {
    const adapter = this.adapter(stored.engine);
    // As a start runs it.
    const env = buildChildEnv(this.#sources.ports.env, { NO_COLOR: '1' });
    const asked = { env, run: this.#run, signal };
    try {
      return await readHelp(programOf(stored, adapter), adapter.helpArgs, asked);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'engine_broken') throw error;
      const extra = { action: mendAction(stored), cause: error };
      throw new DomainError(error.code, error.message, extra);
    }
  }

  find(id: string): StoredInstallation {
    const stored = this.store.get(id);
    if (stored) return stored;
    const known = this.list().map((one) => one.id);
    const list = known.length === 0 ? 'none is installed' : `installations: ${known.join(', ')}`;
    throw new DomainError('not_found', `There is no installation "${id}"; ${list}.`);
  }

  adapter(engine: string): EngineAdapter {
    const adapter = this.#sources.adapters.find((candidate) => candidate.id === engine);
    if (adapter) return adapter;
    throw new DomainError('not_found', `Unknown engine "${engine}".`);
  }
}
