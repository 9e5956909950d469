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
  'models.changed': [
    'gateway.names',
    'models.list',
    'models.show',
    'models.folders',
    'models.fit',
    ...FITS,
  ],
  'modelJobs.changed': ['models.jobs'],
  'installations.changed': ['engines.available', 'engines.options', 'data.usage', ...FITS],
  'engines.newestChanged': ['engines.available'],
  'profiles.changed': [
    'models.list',
    'gateway.names',
    'profiles.nextPort',
    'profiles.command',
    'profiles.listLocal',
    'profiles.check',
    'profiles.previewCommand',
    ...FITS,
  ],
  'settings.changed': ['models.folders', 'models.fit', ...FITS],
  'servers.changed': ['models.fit', ...FITS],
  'gateway.changed': ['gateway.keys'],
  // What is free changes with every other program.
  'metrics.tick': FITS,
  // What may be seen depends on who asks.
  'hub.accountChanged': ['hub.account', 'hub.search', 'hub.facts', 'hub.model', 'hub.card'],
};

/**
 * Marks answers stale when an event says so, and all of them after each new snapshot. An answer that was asked for
 * before the event may be older than it and is asked for again: it never hides the newer one.
 */
export function invalidateByEvents(
  client: Client,
  store: Pick<LiveStore, 'subscribe'>,
  queryClient: QueryClient,
): () => void {
  /** How often each method's answers were made stale, and those of all methods. */
  const counts = new Map<unknown, number>();
  let all = 0;
  const countOf = (method: unknown): number => all + (counts.get(method) ?? 0);
  /** The count when each question that is under way was asked. */
  const asked = new Map<string, number>();

  const stopEvents = client.onFrame((frame) => {
    for (const method of STALE[frame.topic] ?? []) {
      counts.set(method, (counts.get(method) ?? 0) + 1);
      void queryClient.invalidateQueries({ queryKey: [method] });
    }
  });
  const stopEpochs = store.subscribe((state, before) => {
    if (state.epoch === before.epoch || before.epoch === 0) return;
    all++;
    void queryClient.invalidateQueries();
  });
  // TanStack does not ask again while the first answer is on its way, and takes that for fresh.
  const stopAnswers = queryClient.getQueryCache().subscribe((event) => {
    const { queryHash, queryKey } = event.query;
    if (event.type === 'removed') asked.delete(queryHash);
    if (event.type !== 'updated') return;
    if (event.action.type === 'fetch') asked.set(queryHash, countOf(queryKey[0]));
    if (event.action.type !== 'success' || event.action.manual) return;
    const isLate = asked.has(queryHash) && asked.get(queryHash) !== countOf(queryKey[0]);
    asked.delete(queryHash);
    if (isLate) void queryClient.invalidateQueries({ queryKey, exact: true });
  });
  return () => {
    stopEvents();
    stopEpochs();
    stopAnswers();
  };
}
