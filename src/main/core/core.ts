import type { ManagerInfo } from '@shared/contract';
import type { Scope } from '@shared/contract/define';
import type { ServerProfile } from '@shared/domain/profile';
import type { ResponseFrame } from '@shared/rpc/frames';
import { AdviceBook } from './advice/advice-book';
import type { CoreMode, SharedParts } from './composition/shared-parts';
import { composeDownloads } from './downloads/compose';
import { requestLines } from './engines/adapters';
import { Architectures } from './engines/architectures';
import { composeEngines } from './engines/compose';
import type { EngineService } from './engines/engine-service';
import { composeGateway, type Gateway } from './gateway/compose';
import { composeRecords } from './gateway/records/compose';
import { composeHub, type Hub } from './hub/compose';
import { Lifecycle } from './lifecycle';
import { LogService } from './logs';
import { composeMemory } from './memory/compose';
import type { MemoryParts } from './memory/memory-parts';
import { MetricsSampler } from './metrics';
import { composeModels } from './models/compose';
import type { ModelLibrary } from './models/model-library';
import { NoticeBoard } from './notices/notice-board';
import { corePhases } from './phases';
import type { Ports } from './ports';
import { Background } from './ports/background';
import type { Deadline } from './ports/deadline';
import { guardedProcesses } from './processes/guarded';
import { composeProfiles } from './profiles/compose';
import type { ProfileService } from './profiles/profile-service';
import { SecretBook } from './profiles/secret-book';
import { EventHub } from './rpc/event-hub';
import { createHandlers } from './rpc/handlers';
import { Router } from './rpc/router';
import type { Session, SessionSink } from './rpc/session';
import { composeServers, type Servers, selfTestOf } from './servers/compose';
import { findInstallation } from './servers/launch/run-plan';
import { SettingsService } from './settings/settings-service';
import { composeSetup } from './setup/compose';
import { OpenDocuments } from './storage/open-documents';

/** The running program, as a host sees it. */
export interface Core {
  start(options?: CoreOptions): Promise<void>;
  /**
   * Stops everything within the deadline, or within the budget of a quit; without `servers` the setting decides
   * what happens to running ones. Idempotent.
   * @returns the names of the parts of which nobody can say that they have ended.
   */
  stop(options?: {
    servers?: 'stop' | 'leave-running' | undefined;
    deadline?: Deadline;
  }): Promise<readonly string[]>;
  connect(sink: SessionSink, scopes: ReadonlySet<Scope>): Session;
  dispatch(frame: unknown, session: Session): Promise<ResponseFrame>;
  info(): ManagerInfo;
  /** The machine has woken up from sleep. */
  resumed(): void;
  /** What the host learns later: where it can be reached. */
  setAddress(address: { url?: string; socket?: string }): void;
  /** Resolves when a view asked the manager to quit. */
  readonly quitRequested: Promise<{ servers: 'stop' | 'leave-running' | undefined }>;
}

/**
 * What a run of the core is for: `supervise` everything (a manager); `write` documents and
 * installations, or only `read` them (a command where no manager runs).
 */
export interface CoreOptions {
  readonly mode?: CoreMode;
}

/** The composition root: makes every part once and gives each what it needs of the others. */
export function createCore(given: Ports): Core {
  const { clock, logger } = given;
  const ports: Ports = { ...given, processes: guardedProcesses(given.processes, clock) };
  const startedAt = new Date(clock.now()).toISOString();
  const events = new EventHub(clock);
  const documents = new OpenDocuments((name) => ports.document(name));
  let address: { url?: string; socket?: string } = {};
  let mode: CoreMode = 'supervise';
  let quitServers: 'stop' | 'leave-running' | undefined;

  const shared: SharedParts = {
    ports,
    notices: new NoticeBoard({ clock, publish: (list) => shared.publish('notices.changed', list) }),
    background: new Background(logger.child('background')),
    open: (name) => documents.open(name),
    publish: (topic, payload, key) => {
      events.publish(topic, payload, key);
      setup.observe(topic);
      if (topic === 'models.changed') gateway.modelsChanged();
    },
    mode: () => mode,
  };
  const settings = new SettingsService({
    document: shared.open('settings'),
    logger: logger.child('settings'),
    notices: shared.notices,
    publish: (value) => {
      shared.publish('settings.changed', value);
      downloads.settingsChanged();
      gateway.service.changed();
    },
  });
  const secrets = new SecretBook((id) => profiles.get(id), logger);
  const logs = new LogService({
    ...{ clock, requestLines, folder: ports.paths.logs, settings: () => settings.get() },
    logger: logger.child('logs'),
    secretsOf: (profileId) => secrets.of(profileId),
    publish: (profileId, run, lines) =>
      shared.publish('logs.lines', { profileId, run, lines: [...lines] }, profileId),
    isFollowed: (profileId) => events.isFollowed(profileId),
  });
  const installationOf = (profile: Pick<ServerProfile, 'engine' | 'installation'>) =>
    findInstallation(profile, {
      installation: (id) => engines.get(id),
      inUse: (engine) => engines.inUse(engine),
    });
  const models: ModelLibrary = composeModels(shared, {
    settings: () => settings.get(),
    profiles: () => profiles.list(),
    isActive: (id) => servers.service.isActive(id),
    downloads: () => downloads,
    changed: () => memory.profileFits.refresh(),
  });
  const architectures = new Architectures(() => engines.list());
  const hub: Hub = composeHub(shared, {
    onDisk: (ref) => models.stateOf(ref),
    estimate: (model) => memory.fits.ofFiles(model),
    enginesFor: (config) => architectures.enginesFor(config),
  });
  const downloads = composeDownloads(shared, hub, () => settings.get());
  const engines: EngineService = composeEngines(shared, {
    selfTest: selfTestOf(shared, {
      engines: () => engines,
      models: () => models,
      logs: () => logs,
    }),
    profiles: () => profiles.list(),
    usersOf: (id) => servers.service.usersOf(id),
    changed: () => {
      servers.service.refresh();
      memory.profileFits.refresh();
    },
  });
  const profiles: ProfileService = composeProfiles(shared, {
    engines: () => engines,
    installationOf,
    isKnownModel: (ref) => models.isListed(ref),
    servers: () => servers.service,
    changed: () => {
      secrets.learn(profiles.list());
      servers.service.refresh();
      memory.profilesChanged();
      gateway.service.changed();
    },
  });
  const gatewayRecords = composeRecords(shared, {
    profile: (id) => profiles.get(id),
    isFollowed: (key) => events.isFollowed(key),
  });
  const sampler = new MetricsSampler({
    ...{ clock, processes: ports.processes, machineMemory: ports.machineMemory },
    logger: logger.child('metrics'),
    countsConnections: process.platform === 'darwin',
    sampleSeconds: () => settings.get().sampleSeconds,
    targets: () => servers.service.targets(),
    budget: () => memory.admission.budget(),
    publish: (tick) => {
      memory.note(tick);
      shared.publish('metrics.tick', tick);
    },
  });
  const memory: MemoryParts = composeMemory(shared, {
    models: () => models,
    sampler: () => sampler,
    settings: () => settings.get(),
    profiles: () => profiles.list(),
    installationOf,
    optionsOf: (id) => engines.options(id),
    typeNames: (installation) => architectures.namesOf(installation),
    onHub: (ref) => hub.service.modelFiles(ref),
    servers: () => servers.service.running(),
    changed: () => servers.service.refresh(),
  });
  const servers: Servers = composeServers(shared, {
    engines: () => engines,
    models: () => models,
    logs: () => logs,
    profiles: () => profiles,
    settings: () => settings.get(),
    gate: memory.admission,
    sampleOf: (id) => sampler.latest(id),
    needsOf: (id) => memory.profileFits.needsOf(id),
    changed: (server) => gateway.service.serverChanged(server),
  });
  const gateway: Gateway = composeGateway(shared, {
    settings: () => settings.get(),
    profiles: () => profiles,
    models: () => models,
    servers: () => servers.service,
    records: () => gatewayRecords,
  });
  const setup = composeSetup(shared, {
    engines: () => engines,
    models: () => models,
    downloads: () => downloads,
    profiles: () => profiles,
    servers: () => servers.service,
  });
  const advice = new AdviceBook({
    resources: ports.resources,
    logger: logger.child('advice'),
    installationOf,
    architectureOf: async (ref) => (await models.resolve(ref))?.model.architecture,
  });
  ports.desktop?.onChange((state) => shared.publish('desktop.changed', state));

  const parts = {
    settings,
    profiles,
    engines,
    models,
    downloads,
    gatewayKeys: gateway.keys,
    logs,
    gatewayRecords,
    sampler,
    setup,
    gateway: gateway.service,
    memory,
    servers,
  };
  const lifecycle = new Lifecycle(
    corePhases({
      ...parts,
      secrets,
      shared,
      hub,
      events,
      documents,
      quitServers: () => quitServers,
    }),
    clock,
    logger.child('lifecycle'),
  );
  const info = (): ManagerInfo => ({
    version: ports.version,
    host: ports.host,
    pid: process.pid,
    home: ports.paths.home,
    ...address,
    startedAt,
    readOnly: settings.readOnly || profiles.readOnly || engines.readOnly || downloads.readOnly,
  });
  const quit = Promise.withResolvers<{ servers: 'stop' | 'leave-running' | undefined }>();
  const handlers = createHandlers({
    ...parts,
    ...{ ports, advice, info, notices: shared.notices, hub: hub.service },
    ...{ fits: memory.fits, admission: memory.admission },
    ...{ servers: servers.service, startup: servers.startup },
    ...{ records: servers.records, clusters: servers.clusters },
    requestQuit: (choice) => {
      shared.publish('app.quitting', null);
      quit.resolve({ servers: choice });
    },
  });
  const router = new Router(handlers, logger.child('rpc'));

  return {
    async start(options = {}) {
      mode = options.mode ?? 'supervise';
      await lifecycle.start();
    },
    async stop(options = {}) {
      quitServers ??= options.servers;
      return lifecycle.stop(options.deadline);
    },
    connect: (sink, scopes) => events.connect(sink, scopes),
    dispatch: (frame, session) => router.dispatch(frame, session),
    info,
    resumed() {
      logger.info('The machine woke up: checking servers and resuming downloads');
      servers.service.resumed();
      downloads.resumed();
    },
    setAddress(next) {
      address = next;
    },
    quitRequested: quit.promise,
  };
}
