import { createStore, type StoreApi } from 'zustand/vanilla';

import type { ConnectionState } from '@renderer/api/connection';
import type { Snapshot } from '@shared/contract';
import { applyToData, dataFromSnapshot, type LiveData } from '@shared/live/live-data';
import type { EventFrame } from '@shared/rpc/frames';

export type { LiveData };

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
  /** It was asked whether it is there and has not said so yet. */
  readonly stalled: boolean;
}

export type LiveStore = StoreApi<LiveState>;

export function createLiveStore(connection: ConnectionState): LiveStore {
  return createStore<LiveState>(() => ({
    connection,
    data: undefined,
    epoch: 0,
    problem: undefined,
    quitting: false,
    stalled: false,
  }));
}

/** The state right after a snapshot. */
export function fromSnapshot(state: LiveState, snapshot: Snapshot): LiveState {
  const data = dataFromSnapshot(state.data, snapshot);
  return {
    ...state,
    data,
    epoch: state.epoch + 1,
    problem: undefined,
    quitting: false,
    stalled: false,
  };
}

/** The state after an event; unchanged for topics that are not part of it. */
export function applyEvent(state: LiveState, frame: EventFrame): LiveState {
  if (frame.topic === 'app.quitting') return { ...state, quitting: true };
  return state.data ? { ...state, data: applyToData(state.data, frame) } : state;
}
