import { QueryClient } from '@tanstack/react-query';

import type { LiveStore } from '@renderer/live/live-store';
import type { Method } from '@shared/contract';
import type { Client } from '@shared/rpc/client';

/** The cache of what was asked for. Answers stay true until an event says otherwise. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The manager is on this machine: whether there is a network does not matter.
      queries: {
        networkMode: 'always',
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** What a profile needs, held against what is free. */
const FITS: readonly Method[] = ['profiles.fit', 'profiles.fitDraft'];

/** What each event makes stale. */
const STALE: Readonly<Record<string, readonly Method[]>> = {
  'models.changed': ['models.list', 'models.show', 'models.folders', 'models.fit', ...FITS],
  'modelJobs.changed': ['models.jobs'],
  'installations.changed': ['engines.available', 'engines.options', 'data.usage', ...FITS],
  'profiles.changed': [
    'models.list',
    'profiles.nextPort',
    'profiles.command',
    'profiles.listLocal',
    'profiles.check',
    'profiles.previewCommand',
    ...FITS,
  ],
  'settings.changed': ['models.folders', 'models.fit', ...FITS],
  'servers.changed': ['models.fit', ...FITS],
  // What is free changes with every other program.
  'metrics.tick': FITS,
  // What may be seen depends on who asks.
  'hub.accountChanged': ['hub.account', 'hub.search', 'hub.facts', 'hub.model', 'hub.card'],
};

/** Marks answers stale when an event says so, and all of them after each new snapshot. */
export function invalidateByEvents(
  client: Client,
  store: LiveStore,
  queryClient: QueryClient,
): () => void {
  const stopEvents = client.onFrame((frame) => {
    for (const method of STALE[frame.topic] ?? [])
      void queryClient.invalidateQueries({ queryKey: [method] });
  });
  const stopEpochs = store.subscribe((state, before) => {
    if (state.epoch !== before.epoch && before.epoch > 0) void queryClient.invalidateQueries();
  });
  return () => {
    stopEvents();
    stopEpochs();
  };
}
