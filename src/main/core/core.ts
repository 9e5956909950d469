import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { ManagerInfo } from '@shared/contract';
import { modelRefKind, type ServerProfile } from '@shared/domain/profile';
import type { Settings } from '@shared/domain/settings';
import type { Scope } from '@shared/contract/define';
import type { ResponseFrame } from '@shared/rpc/frames';
import { AdviceBook } from './advice/advice-book';
import { ClusterRuns } from './servers/cluster/cluster-runs';
import { adapterFor, adapters, engineAdapter, requestLines } from './engines/adapters';
import { DownloadService } from './downloads/download-service';
import { Architectures } from './engines/architectures';
import { EngineService } from './engines/engine-service';
import { checkExtraArgs, checkOptions } from './engines/options/option-checks';
import { withCommonNames } from './engines/adapters/option-key';
import { hubEndpoint } from './hub/endpoint';
import { HubClient } from './hub/hub-client';
import { HubNetwork } from './hub/hub-network';
import { HubService } from './hub/hub-service';
import { HubToken } from './hub/hub-token';
import { Lifecycle } from './lifecycle';
import { LogService } from './logs';
import { MemoryParts } from './memory/memory-parts';
import { MetricsSampler } from './metrics';
import { hubCacheFolder } from './models/hub-cache';
import { ModelLibrary } from './models/model-library';
import type { Ports } from './ports';
import { Background } from './ports/background';
import type { Deadline } from './ports/deadline';
import { readBootId } from './processes/boot-id';
import { guardedProcesses } from './processes/guarded';
import { ProfileService } from './profiles/profile-service';
import { publicProfile } from './profiles/public-profile';
import { EventHub } from './rpc/event-hub';
import { createHandlers } from './rpc/handlers';
import { Router } from './rpc/router';
import type { Session, SessionSink } from './rpc/session';
import { engineLauncher } from './servers/launch/engine-process';
import { OutcomeRecords } from './servers/launch/outcome-records';
import { OwnershipRecords } from './servers/launch/ownership';
import { checkPort } from './processes/port-holder';
import { findInstallation } from './servers/launch/run-plan';
import { runSelfTest } from './servers/self-test';
import { ServerService } from './servers/server-service';
import { Startup } from './servers/startup';
import { NoticeBoard } from './notices/notice-board';
import { sweepDrafts } from './storage/durable-file';
import { OpenDocuments } from './storage/open-documents';
import { SettingsService } from './settings/settings-service';

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
  readonly mode?: 'supervise' | 'write' | 'read';
}

/** Parts of the data folder are for this user only. */
const PRIVATE = 0o700;

/** The composition root: makes every service once and gives each what it needs, in this order. */
export function createCore(given: Ports): Core {
  const { clock, logger, paths } = given;
  const processes = guardedProcesses(given.processes, clock);
  const ports: Ports = { ...given, processes };
  const launcher = engineLauncher(processes, clock);
  const startedAt = new Date(clock.now()).toISOString();
  const hub = new EventHub(clock);
  let address: { url?: string; socket?: string } = {};
  let mode: NonNullable<CoreOptions['mode']> = 'supervise';
  const supervises = (): boolean => mode === 'supervise';

  const background = new Background(logger.child('background'));
  const documents = new OpenDocuments((name) => ports.document(name));
  const notices = new NoticeBoard({
    clock,
    publish: (list) => hub.publish('notices.changed', list),
  });
  const settings = new SettingsService({
    document: documents.open('settings'),
    logger: logger.child('settings'),
    notices,
    publish: (value) => {
      hub.publish('settings.changed', value);
      downloads.settingsChanged();
    },
  });
  const logs = new LogService({
    folder: paths.logs,
    settings: () => settings.get(),
    clock,
    logger: logger.child('logs'),
    requestLines,
    publish: (profileId, run, lines) =>
      hub.publish('logs.lines', { profileId, run, lines: [...lines] }, profileId),
    isFollowed: (profileId) => hub.isFollowed(profileId),
  });
  const models: ModelLibrary = new ModelLibrary({
    ports,
    document: documents.open('models'),
    notices,
    folders: () => settings.get().modelFolders,
    usedBy: (ref) => usersOf(ref).map((profile) => profile.name),
    running: (ref) =>
      usersOf(ref)
        .filter(({ id }) => servers.isActive(id))
        .map((profile) => profile.name),
    isDownloading: (ref) => downloads.isUnderWay(ref),
    startDownload: (ref, revision) => downloads.start({ ref, revision, repair: true }),
    hashFile: (file, etag, size, options) => downloads.hasher.hashFile(file, etag, size, options),
    unusedDays: () => settings.get().unusedDays,
    mayWrite: () => mode !== 'read',
    publishChanged: () => {
      hub.publish('models.changed', null);
      memory.profileFits.refresh();
    },
    publishJob: (job) => hub.publish('modelJobs.changed', job, job.ref),
  });
  const usersOf = (ref: string) => profiles.list().filter((profile) => profile.model === ref);
  const token = new HubToken(ports.vault, ports.env);
  const network = new HubNetwork({
    env: ports.env,
    clock,
    version: ports.version,
    endpoint: () => hubEndpoint(ports.env),
    token: () => token.get(),
  });
  const client = new HubClient(network);
  const downloads = new DownloadService({
    document: documents.open('downloads'),
    folder: path.join(paths.home, 'downloads'),
    hub: hubCacheFolder(ports.env),
    network,
    client,
    clock,
    logger: logger.child('downloads'),
    notices,
    settings: () => settings.get(),
    bootId: readBootId,
    publish: (list) => hub.publish('downloads.changed', list),
  });
  const hubService: HubService = new HubService({
    network,
    client,
    token,
    clock,
    logger: logger.child('hub'),
    onDisk: (ref) => models.stateOf(ref),
    estimate: (config, weightsBytes) => memory.fits.ofFiles({ config, weightsBytes }),
    enginesFor: (config) => architectures.enginesFor(config),
    publishAccount: () => hub.publish('hub.accountChanged', null),
  });
  const architectures = new Architectures(() => engines.list());
  const memory: MemoryParts = new MemoryParts({
    document: documents.open('memory'),
    clock,
    logger: logger.child('memory'),
    notices,
    sampler: () => sampler,
    settings: () => settings.get(),
    profiles: () => profiles.list(),
    adapterFor,
    installationOf: (profile) => installationOf(profile),
    optionsOf: (id) => engines.options(id),
    // Half of a model would be half of the sum: while it comes, the hub tells what it will need.
    folderOf: async (ref) => {
      const found = await models.resolve(ref);
      const isOfHub = modelRefKind(ref) === 'hub';
      return found && (found.model.complete || !isOfHub) ? found.path : undefined;
    },
    onHub: (ref) => hubService.modelFiles(ref),
    servers: () => servers.running(),
    changed: () => servers.refresh(),
  });
  const engines: EngineService = new EngineService({
    ports,
    adapters,
    document: documents.open('engines'),
    notices,
    selfTest: async (installation, onLine, signal) => {
      const demo = await models.resolve('demo');
      if (!demo) throw new Error('The built-in model could not be written.');
      return runSelfTest({
        adapter: engineAdapter(installation.engine),
        installation,
        bin: engines.binOf(installation),
        known: await engines.options(installation.id),
        modelPath: demo.path,
        openLog: () => logs.openRun(SELF_TEST_LOG),
        baseEnv: ports.env,
        cwd: paths.run,
        clock,
        processes,
        launcher,
        signal,
        onLine,
      });
    },
    profiles: () => profiles.list(),
    publishInstallations: (list) => {
      hub.publish('installations.changed', list);
      servers.refresh();
      memory.profileFits.refresh();
    },
    publishJob: (job) => hub.publish('engineJobs.changed', job, job.id),
    mayWrite: () => mode !== 'read',
    usedBy: (installationId) => ({
      running: servers.usersOf(installationId),
      pinned: profiles
        .list()
        .filter((profile) => profile.installation === installationId)
        .map((profile) => profile.name),
    }),
  });
  const profiles: ProfileService = new ProfileService({
    document: documents.open('profiles'),
    clock,
    logger: logger.child('profiles'),
    notices,
    nameOptions: (profile) => withCommonNames(profile.options, adapterFor(profile)),
    checkOptions: async (profile, scope) => {
      const adapter = adapterFor(profile);
      const installation = findInstallation(profile, {
        installation: (id) => engines.get(id),
        inUse: (engine) => engines.inUse(engine),
      });
      const known = installation ? await engines.options(installation.id) : undefined;
      return [
        ...checkOptions(profile.options, known, adapter, scope),
        ...checkExtraArgs(profile.extraArgs, adapter),
      ];
    },
    isKnownModel: async (ref) => (await models.resolve(ref)) !== undefined,
    isKnownInstallation: (id, engine) => engines.get(id)?.engine === engine,
    checkPort: (host, port) => checkPort(processes, host, port),
    isActive: (id) => servers.isActive(id),
    stop: async (id) => {
      await servers.stop(id);
    },
    publish: (list) => {
      hub.publish('profiles.changed', list.map(publicProfile));
      servers.refresh();
      memory.profilesChanged();
    },
  });
  const sampler = new MetricsSampler({
    clock,
    logger: logger.child('metrics'),
    sampleSeconds: () => settings.get().sampleSeconds,
    machineMemory: ports.machineMemory,
    processes,
    targets: () => servers.targets(),
    publish: (tick) => {
      memory.note(tick);
      hub.publish('metrics.tick', tick);
    },
  });
  const records = new OwnershipRecords(paths.run, logger.child('ownership'));
  const installationOf = (profile: ServerProfile) =>
    findInstallation(profile, {
      installation: (id) => engines.get(id),
      inUse: (engine) => engines.inUse(engine),
    });
  const advice = new AdviceBook({
    resources: ports.resources,
    logger: logger.child('advice'),
    installationOf,
    architectureOf: async (ref) => (await models.resolve(ref))?.model.architecture,
  });
  const clusters = new ClusterRuns({ folder: paths.run, env: ports.env });
  const servers: ServerService = new ServerService({
    clock,
    processes,
    launcher,
    outcomes: new OutcomeRecords(paths.run, logger.child('outcomes')),
    clusters,
    logger: logger.child('servers'),
    records,
    sources: {
      adapterFor,
      checkHosts: (program) => clusters.check(program),
      installation: (id) => engines.get(id),
      inUse: (engine) => engines.inUse(engine),
      binOf: (installation) => engines.binOf(installation),
      options: (id) => engines.options(id),
      lookAtInstallation: (id) => engines.getChecked(id),
      resolveModel: (ref) => models.resolve(ref),
      checkPort: (host, port) => checkPort(processes, host, port),
      nextFreePort: () => profiles.nextPort(),
    },
    profile: (id) => profiles.get(id),
    profiles: () => profiles.list(),
    openLog: (profileId) => logs.openRun(profileId),
    resumeLog: (profileId, run) => logs.resumeRun(profileId, run),
    stopGraceMs: () => settings.get().stopGraceSeconds * 1000,
    baseEnv: ports.env,
    cwd: paths.run,
    random: Math.random,
    sampleOf: (profileId) => sampler.latest(profileId),
    needsOf: (profileId) => memory.profileFits.needsOf(profileId),
    gate: memory.admission,
    publish: (server) => {
      hub.publish('servers.changed', server, server.profileId);
      if (server.pid !== undefined && server.state !== 'starting') {
        background.run('note the use of a model', () => models.noteUse(server.model));
      }
      startup.serverChanged(server);
    },
  });
  const startup: Startup = new Startup({
    clock,
    logger: logger.child('startup'),
    atLogin: ports.desktop?.state().openedAtLogin ?? false,
    server: (profileId) => servers.get(profileId),
    start: (profileId) => servers.start(profileId),
    publish: (report) => hub.publish('startup.changed', report),
  });
  ports.desktop?.onChange((state) => hub.publish('desktop.changed', state));

  let quitServers: 'stop' | 'leave-running' | undefined;
  const lifecycle = new Lifecycle(
    [
      { name: 'documents', stop: () => documents.settled() },
      { name: 'background work', stop: (deadline) => endBackground(background, deadline) },
      {
        name: 'folders',
        start: async () => {
          if (mode === 'read') return;
          await makeFolders(ports);
          background.run('sweep what killed managers left', () => sweepHome(ports));
        },
      },
      { name: 'settings', start: () => settings.load() },
      { name: 'profiles', start: () => profiles.load() },
      {
        name: 'memory',
        start: async () => {
          await memory.load();
          if (!supervises()) await sampler.look();
        },
        stop: () => memory.stop(),
      },
      { name: 'logs', stop: () => logs.close() },
      { name: 'engines', start: () => engines.load(), stop: () => engines.stop() },
      {
        name: 'models',
        start: async () => {
          await models.load();
          if (supervises()) await models.start();
        },
        // A deleted model that is not gone by then goes at the next start.
        stop: () => models.stop(),
      },
      {
        name: 'downloads',
        start: async () => {
          await downloads.load();
          if (supervises()) downloads.resumeAll();
        },
        stop: async () => {
          await downloads.stop();
          await network.close();
        },
      },
      // They read through the hashes of the downloads, which go before the models.
      { name: 'model reading', stop: () => models.stopReading() },
      {
        name: 'metrics',
        start: () => (supervises() ? sampler.start() : undefined),
        stop: () => sampler.stop(),
      },
      {
        name: 'servers',
        start: async () => {
          if (!supervises()) return;
          memory.profilesChanged();
          const crashed = await servers.adoptAll();
          background.run('measure adopted servers', () => memory.adopted(servers.list()));
          const ran = crashed.map((id) => profiles.get(id)?.name ?? id);
          if (ran.length > 0 && !ports.desktop) notices.add('warning', wentDownSentence(ran));
          if (!settings.get().startProfiles) return;
          startup.begin({
            wanted: profiles.list().filter((profile) => profile.start === 'app'),
            // Without a desktop nobody can be asked, and after a power cut the servers are expected back.
            ranAtCrash: ports.desktop ? ran : [],
          });
        },
        stopLimitMs: SERVERS_MS,
        stop: async (deadline) => {
          startup.end();
          if (!supervises()) return;
          await servers.quit(quitServers ?? unasked(settings.get()), deadline);
          await startup.settled(deadline);
        },
      },
      { name: 'views', stop: () => hub.close() },
    ],
    clock,
    logger.child('lifecycle'),
  );

  const info = (): ManagerInfo => ({
    version: ports.version,
    host: ports.host,
    pid: process.pid,
    home: paths.home,
    ...address,
    startedAt,
    readOnly: settings.readOnly || profiles.readOnly || engines.readOnly || downloads.readOnly,
  });
  const quit = Promise.withResolvers<{ servers: 'stop' | 'leave-running' | undefined }>();
  const services = {
    ports,
    settings,
    profiles,
    engines,
    models,
    fits: memory.fits,
    admission: memory.admission,
    hub: hubService,
    downloads,
    logs,
    sampler,
    servers,
    notices,
    records,
    clusters,
    advice,
    startup,
  };
  const handlers = createHandlers({
    ...services,
    info,
    requestQuit: (choice) => {
      hub.publish('app.quitting', null);
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
    connect: (sink, scopes) => hub.connect(sink, scopes),
    dispatch: (frame, session) => router.dispatch(frame, session),
    info,
    resumed() {
      logger.info(
        'The machine has woken up; servers are asked whether they still answer, downloads go on',
      );
      servers.resumed();
      downloads.resumed();
    },
    setAddress(next) {
      address = next;
    },
    quitRequested: quit.promise,
  };
}

function wentDownSentence(ran: readonly string[]): string {
  return `The machine went down without warning while ${ran.join(', ')} ran. Profiles that start with the manager were started again; if one of them brought the machine down, change that.`;
}

/** What becomes of servers when nobody was asked: they are stopped (S10). */
function unasked({ onQuit }: Settings): 'stop' | 'leave-running' {
  return onQuit === 'leave-running' ? 'leave-running' : 'stop';
}

async function endBackground(background: Background, deadline: Deadline): Promise<void> {
  const left = await background.stop(deadline);
  if (left.length > 0) throw new Error(`Still under way: ${left.join(', ')}`);
}

/** Of a quit's budget: a grace of 8 s for the servers, SIGKILL, and the look that proves it, ms. */
const SERVERS_MS = 10_500;

/** The folders in which documents, records, reports and jobs are written. */
async function sweepHome({ paths }: Ports): Promise<void> {
  for (const folder of new Set([paths.home, paths.documents, paths.run, paths.cache])) {
    await sweepDrafts(folder);
  }
  for (const folder of [paths.logs, path.join(paths.home, 'downloads')]) {
    await sweepDrafts(folder, 1);
  }
}

/** Name under which the logs of self-tests are kept. */
const SELF_TEST_LOG = 'self-test';

async function makeFolders({ paths }: Ports): Promise<void> {
  const folders = [
    paths.home,
    paths.documents,
    paths.engines,
    paths.logs,
    paths.models,
    paths.run,
    paths.cache,
  ];
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: PRIVATE });
}
