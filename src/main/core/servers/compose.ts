import type { Installation } from '@shared/domain/engine';
import type { ServerSample } from '@shared/domain/metrics';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { Settings } from '@shared/domain/settings';

import type { SharedParts } from '../composition/shared-parts';
import { adapterFor, engineAdapter } from '../engines/adapters';
import type { EngineService } from '../engines/engine-service';
import type { LogService } from '../logs';
import type { ModelLibrary } from '../models/model-library';
import { checkPort } from '../processes/port-holder';
import { ClusterRuns } from './cluster/cluster-runs';
import { engineLauncher } from './launch/engine-process';
import { OutcomeRecords } from './launch/outcome-records';
import { OwnershipRecords } from './launch/ownership';
import { runSelfTest, type SelfTestInput } from './self-test';
import { ServerService } from './server-service';
import type { StartGate } from './start-gate';
import { Startup } from './startup';

export interface ServerSources {
  readonly engines: () => EngineService;
  readonly models: () => ModelLibrary;
  readonly logs: () => LogService;
  readonly profiles: () => {
    get(id: string): ServerProfile | undefined;
    list(): readonly ServerProfile[];
    nextPort(): Promise<number>;
  };
  readonly settings: () => Settings;
  readonly gate: StartGate;
  readonly sampleOf: (profileId: string) => ServerSample | undefined;
  readonly needsOf: (profileId: string) => number | undefined;
  /** A server came into another state, or something of it is known. */
  readonly changed: (server: Server) => void;
}

/** The supervisor, what it keeps on the disk, and what it starts by itself. */
export interface Servers {
  readonly service: ServerService;
  readonly startup: Startup;
  readonly records: OwnershipRecords;
  readonly clusters: ClusterRuns;
}

export function composeServers(shared: SharedParts, sources: ServerSources): Servers {
  const { ports, publish, background } = shared;
  const { clock, env, logger, paths, processes } = ports;
  const { engines, models, logs, profiles, settings, ...rest } = sources;
  const records = new OwnershipRecords(paths.run, logger.child('ownership'));
  const clusters = new ClusterRuns({ folder: paths.run, env });
  const service: ServerService = new ServerService({
    ...rest,
    ...{ clock, processes, clusters, records, baseEnv: env, cwd: paths.run, random: Math.random },
    logger: logger.child('servers'),
    launcher: engineLauncher(processes, clock),
    outcomes: new OutcomeRecords(paths.run, logger.child('outcomes')),
    sources: {
      adapterFor,
      checkHosts: (program) => clusters.check(program),
      installation: (id) => engines().get(id),
      inUse: (engine) => engines().inUse(engine),
      binOf: (installation) => engines().binOf(installation),
      options: (id) => engines().options(id),
      lookAtInstallation: (id, depth) => engines().getChecked(id, depth),
      resolveModel: (ref) => models().resolve(ref),
      checkPort: (host, port) => checkPort(processes, host, port),
      nextFreePort: () => profiles().nextPort(),
    },
    profile: (id) => profiles().get(id),
    profiles: () => profiles().list(),
    openLog: (profileId) => logs().openRun(profileId),
    resumeLog: (profileId, run) => logs().resumeRun(profileId, run),
    stopGraceMs: () => settings().stopGraceSeconds * 1000,
    publish: (server: Server) => {
      publish('servers.changed', server, server.profileId);
      if (server.pid !== undefined && server.state !== 'starting')
        background.run('note the use of a model', () => models().noteUse(server.model));
      startup.serverChanged(server);
      sources.changed(server);
    },
  });
  const startup: Startup = new Startup({
    clock,
    logger: logger.child('startup'),
    atLogin: ports.desktop?.state().openedAtLogin ?? false,
    server: (profileId) => service.get(profileId),
    start: (profileId) => service.start(profileId),
    publish: (report) => publish('startup.changed', report),
  });
  return { service, startup, records, clusters };
}

/** Name under which the logs of self-tests are kept. */
const SELF_TEST_LOG = 'self-test';

/** The self-test of an installation: it serves the built-in model and asks for tokens. */
export function selfTestOf(
  { ports }: SharedParts,
  { engines, models, logs }: Pick<ServerSources, 'engines' | 'models' | 'logs'>,
) {
  const { clock, env, paths, processes } = ports;
  return async (
    installation: Installation,
    call: Pick<SelfTestInput, 'signal' | 'own' | 'onLine'>,
  ): ReturnType<typeof runSelfTest> => {
    const demo = await models().resolve('demo');
    if (!demo) throw new Error("Couldn't write the built-in model.");
    return runSelfTest({
      ...call,
      ...{ installation, clock, processes, baseEnv: env, cwd: paths.run },
      adapter: engineAdapter(installation.engine),
      bin: engines().binOf(installation),
      known: await engines().options(installation.id),
      modelPath: demo.path,
      openLog: () => logs().openRun(SELF_TEST_LOG),
      launcher: engineLauncher(processes, clock),
    });
  };
}
