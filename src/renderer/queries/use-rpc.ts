import type { Method, Output, RawInput } from '@shared/contract';
import type { Client } from '@shared/rpc/client';
import {
  keepPreviousData,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';
import { useClient } from '@renderer/api/api-context';
import type { LiveStore } from '@renderer/live/live-store';

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

interface AskOptions {
  /** False: do not ask yet. */
  readonly enabled?: boolean;
  /** Shows the last answer while a new question is under way. */
  readonly keep?: boolean;
  /** Asks at each mount, because no event says when the answer changes; see `isFetchedAfterMount`. */
  readonly fresh?: boolean;
}

/** Asks the manager: `useAsk('models.list', {})`. */
export function useAsk<M extends Method>(
  method: M,
  input: RawInput<M>,
  { enabled = true, keep = false, fresh = false }: AskOptions = {},
): UseQueryResult<Output<M>, Error> {
  const client = useClient();
  return useQuery<Output<M>, Error>({
    queryKey: [method, input],
    queryFn: () => send(client, method, input),
    enabled,
    ...(fresh ? { staleTime: 0 } : {}),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Tells the manager to do something: `useTell('engines.install').mutate({ engine })`. */
export function useTell<M extends Method>(
  method: M,
): UseMutationResult<Output<M>, Error, RawInput<M>> {
  const client = useClient();
  return useMutation<Output<M>, Error, RawInput<M>>({
    mutationKey: [method],
    mutationFn: (input) => send(client, method, input),
  });
}

/** `call` leaves the input out where there is none; here it is always given. */
function send<M extends Method>(client: Client, method: M, input: RawInput<M>): Promise<Output<M>> {
  const call = client.call as (method: M, input: RawInput<M>) => Promise<Output<M>>;
  return call(method, input);
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
