import type { ManagerInfo, Payload, Snapshot } from '../contract';
import type { DesktopState } from '../domain/desktop';
import type { Download } from '../domain/download';
import type { EngineJob, Installation } from '../domain/engine';
import type { GatewayStatus } from '../domain/gateway-status';
import type { Machine, ServerSample } from '../domain/metrics';
import { sameValue } from '../domain/merge-changes';
import type { VerifyJob } from '../domain/model';
import type { ServerProfile } from '../domain/profile';
import type { Server } from '../domain/server';
import type { Notice, Settings } from '../domain/settings';
import type { Setup } from '../domain/setup';
import type { StartupReport } from '../domain/startup';
import type { Scope } from '../contract/define';
import type { EventFrame } from '../rpc/frames';

/** Everything that is true now, as the manager last said it: the same for the window, the tray and the menu. */
export interface LiveData {
  readonly manager: ManagerInfo;
  readonly scopes: readonly Scope[];
  /** In the person's order. */
  readonly profiles: readonly ServerProfile[];
  readonly servers: Readonly<Record<string, Server>>;
  readonly installations: readonly Installation[];
  readonly engineJobs: Readonly<Record<string, EngineJob>>;
  /** Verifications, by the model's name. */
  readonly modelJobs: Readonly<Record<string, VerifyJob>>;
  /** Under way first in their order, then ended ones. */
  readonly downloads: readonly Download[];
  readonly machine: Machine;
  /** The newest measurement of each server that has a process. */
  readonly samples: Readonly<Record<string, ServerSample>>;
  readonly settings: Settings;
  readonly notices: readonly Notice[];
  /** What became of the profiles that start with the application; null when there is nothing to tell. */
  readonly startup: StartupReport | null;
  /** The set-up of a first server, until a person closes it. */
  readonly setup: Setup | null;
  readonly gateway: GatewayStatus;
  /** What only the desktop application has; null in every other host. */
  readonly desktop: DesktopState | null;
}

const keyed = <T>(items: readonly T[], key: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [key(item), item]));

/** The data right after a snapshot; measurements are not part of one and are kept. */
export function dataFromSnapshot(before: LiveData | undefined, snapshot: Snapshot): LiveData {
  const { manager, scopes, profiles, installations, machine, settings, notices } = snapshot;
  return {
    manager,
    scopes,
    profiles,
    installations,
    machine,
    settings,
    notices,
    downloads: snapshot.downloads,
    startup: snapshot.startup,
    setup: snapshot.setup,
    gateway: snapshot.gateway,
    desktop: snapshot.desktop,
    servers: keyed(snapshot.servers, (server) => server.profileId),
    engineJobs: keyed(snapshot.engineJobs, (job) => job.id),
    modelJobs: keyed(snapshot.modelJobs, (job) => job.ref),
    samples: before?.samples ?? {},
  };
}

/** The newer profiles, each the very object from before where nothing in it changed: its row is not drawn again. */
function sameWhereEqual(
  before: readonly ServerProfile[],
  now: readonly ServerProfile[],
): readonly ServerProfile[] {
  const known = new Map(before.map((profile) => [profile.id, profile]));
  return now.map((profile) => {
    const old = known.get(profile.id);
    return old && sameValue(old, profile) ? old : profile;
  });
}

type Reducers = {
  readonly [T in keyof AppliedTopics]: (data: LiveData, payload: Payload<T>) => LiveData;
};
interface AppliedTopics {
  'servers.changed': true;
  'profiles.changed': true;
  'installations.changed': true;
  'engineJobs.changed': true;
  'modelJobs.changed': true;
  'settings.changed': true;
  'notices.changed': true;
  'downloads.changed': true;
  'startup.changed': true;
  'setup.changed': true;
  'gateway.statusChanged': true;
  'desktop.changed': true;
  'metrics.tick': true;
}

const REDUCERS: Reducers = {
  'servers.changed': (data, server) => ({
    ...data,
    servers: { ...data.servers, [server.profileId]: server },
  }),
  'profiles.changed': (data, profiles) => {
    const kept = new Set(profiles.map((profile) => profile.id));
    const servers = Object.values(data.servers).filter((server) => kept.has(server.profileId));
    return {
      ...data,
      profiles: sameWhereEqual(data.profiles, profiles),
      servers: keyed(servers, (server) => server.profileId),
    };
  },
  'installations.changed': (data, installations) => ({ ...data, installations }),
  'engineJobs.changed': (data, job) => ({
    ...data,
    engineJobs: { ...data.engineJobs, [job.id]: job },
  }),
  'modelJobs.changed': (data, job) => ({
    ...data,
    modelJobs: { ...data.modelJobs, [job.ref]: job },
  }),
  'settings.changed': (data, settings) => ({ ...data, settings }),
  'notices.changed': (data, notices) => ({ ...data, notices }),
  'downloads.changed': (data, downloads) => ({ ...data, downloads }),
  'startup.changed': (data, startup) => ({ ...data, startup }),
  'setup.changed': (data, setup) => ({ ...data, setup }),
  'gateway.statusChanged': (data, gateway) => ({ ...data, gateway }),
  'desktop.changed': (data, desktop) => ({ ...data, desktop }),
  'metrics.tick': (data, tick) => ({
    ...data,
    machine: tick.machine,
    samples: keyed(tick.servers, (sample) => sample.profileId),
  }),
};

function isApplied(topic: string): topic is keyof AppliedTopics {
  return Object.hasOwn(REDUCERS, topic);
}

/** The data after an event; the same object for topics that are not part of it. */
export function applyToData(data: LiveData, frame: EventFrame): LiveData {
  if (!isApplied(frame.topic)) return data;
  // The topic decides the payload's type (contract.ts); the compiler cannot follow the pair.
  const reduce = REDUCERS[frame.topic] as (data: LiveData, payload: unknown) => LiveData;
  return reduce(data, frame.payload);
}
