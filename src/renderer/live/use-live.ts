import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';

import type { Server } from '@shared/domain/server';
import type { LiveData, LiveState, LiveStore } from './live-store';

export const LiveContext = createContext<LiveStore | undefined>(undefined);

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (!store) throw new Error('There is no LiveContext above this component.');
  return store;
}

/** Connection, epoch and whether the manager is quitting. */
export function useLiveState<T>(select: (state: LiveState) => T): T {
  return useStore(useLiveStore(), select);
}

/** A part of what is true now; new arrays and objects are compared by their members. */
export function useLive<T>(select: (data: LiveData) => T): T {
  return useStore(
    useLiveStore(),
    useShallow((state: LiveState) => {
      if (!state.data) throw new Error('The screens are shown only after the first snapshot.');
      return select(state.data);
    }),
  );
}

export function useServer(profileId: string): Server | undefined {
  return useLive((data) => data.servers[profileId]);
}

/** Whether this view may set paths, environment and other local things. */
export function useIsLocal(): boolean {
  return useLive((data) => data.scopes.includes('local'));
}

/** Why nothing can be changed now; undefined while the manager answers. */
export function refusalOf({ connection, quitting, stalled }: LiveState): string | undefined {
  if (quitting) return 'MLX Manager is quitting';
  if (connection !== 'open') return 'Not connected to MLX Manager';
  return stalled ? "MLX Manager isn't responding" : undefined;
}
