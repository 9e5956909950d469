import type { ManagerInfo, Payload, Snapshot } from '@shared/contract';
import type { EngineJob, Installation } from '@shared/domain/engine';
import type { Machine, ServerSample } from '@shared/domain/metrics';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import type { Notice, Settings } from '@shared/domain/settings';
import type { Scope } from '@shared/rpc/define';
import type { EventFrame } from '@shared/rpc/frames';
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ConnectionState } from '../api/connection';

/** Everything that is true now, as the manager last said it. */
export interface LiveData {
  readonly manager: ManagerInfo;
  readonly scopes: readonly Scope[];
  /** In the person's order. */
  readonly profiles: readonly ServerProfile[];
  readonly servers: Readonly<Record<string, Server>>;
  readonly installations: readonly Installation[];
  readonly engineJobs: Readonly<Record<string, EngineJob>>;
  readonly machine: Machine;
  /** The newest measurement of each server that has a process. */
  readonly samples: Readonly<Record<string, ServerSample>>;
  readonly settings: Settings;
  readonly notices: readonly Notice[];
}

export interface LiveState {
  readonly connection: ConnectionState;
  /** Absent until the first snapshot; kept while the connection is lost. */
  readonly data: LiveData | undefined;
  /** Grows with each snapshot: what was subscribed or asked for before is to be asked again. */
  readonly epoch: number;
  /** Why the newest snapshot could not be taken. */
  readonly problem: string | undefined;
  /** The manager said that it is quitting. */
  readonly quitting: boolean;
}

export type LiveStore = StoreApi<LiveState>;

export function createLiveStore(connection: ConnectionState): LiveStore {
  return createStore<LiveState>(() => ({
    connection,
    data: undefined,
    epoch: 0,
    problem: undefined,
    quitting: false,
  }));
}

const keyed = <T>(items: readonly T[], key: (item: T) => string): Record<string, T> =>
  Object.fromEntries(items.map((item) => [key(item), item]));

/** The state right after a snapshot. */
export function fromSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  const { manager, scopes, profiles, installations, machine, settings, notices } = snapshot;
  const data: LiveData = {
    manager,
    scopes,
    profiles,
    installations,
    machine,
    settings,
    notices,
    servers: keyed(snapshot.servers, (server) => server.profileId),
    engineJobs: keyed(snapshot.engineJobs, (job) => job.id),
    samples: state.data?.samples ?? {},
  };
  return { ...state, data, epoch: state.epoch + 1, problem: undefined, quitting: false };
}

type Reducers = {
  readonly [T in keyof AppliedTopics]: (data: LiveData, payload: Payload<T>) => LiveData;
};
interface AppliedTopics {
  'servers.changed': true;
  'profiles.changed': true;
  'installations.changed': true;
  'engineJobs.changed': true;
  'settings.changed': true;
  'notices.changed': true;
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
    return { ...data, profiles, servers: keyed(servers, (server) => server.profileId) };
  },
  'installations.changed': (data, installations) => ({ ...data, installations }),
  'engineJobs.changed': (data, job) => ({
    ...data,
    engineJobs: { ...data.engineJobs, [job.id]: job },
  }),
  'settings.changed': (data, settings) => ({ ...data, settings }),
  'notices.changed': (data, notices) => ({ ...data, notices }),
  'metrics.tick': (data, tick) => ({
    ...data,
    machine: tick.machine,
    samples: keyed(tick.servers, (sample) => sample.profileId),
  }),
};

function isApplied(topic: string): topic is keyof AppliedTopics {
  return Object.hasOwn(REDUCERS, topic);
}

/** The state after an event; unchanged for topics that are not part of it. */
export function applyEvent(state: LiveState, frame: EventFrame): LiveState {
  if (frame.topic === 'app.quitting') return { ...state, quitting: true };
  if (!state.data || !isApplied(frame.topic)) return state;
  // The topic decides the payload's type (contract.ts); the compiler cannot follow the pair.
  const reduce = REDUCERS[frame.topic] as (data: LiveData, payload: unknown) => LiveData;
  return { ...state, data: reduce(state.data, frame.payload) };
}
