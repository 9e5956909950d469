import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';

import { useClient } from '@renderer/api/api-context';
import { useLiveState } from '@renderer/live/use-live';
import type { Method, Output, RawInput } from '@shared/contract';
import type { Client } from '@shared/rpc/client';

interface QueryOptions {
  /** False: do not ask yet. */
  readonly enabled?: boolean;
  /** Shows the last answer while another one is fetched. */
  readonly keep?: boolean;
  /** Asks at each mount, because no event says when the answer changes; see `isFetchedAfterMount`. */
  readonly fresh?: boolean;
  /** Asks again after so long, ms, while it is shown: for what changes all the time. */
  readonly everyMs?: number;
}

/**
 * A method of the contract that reads, as a query of TanStack, e.g. `useRpcQuery('models.list', {})`. The
 * answer is kept until an event makes it stale (query-client.ts).
 */
export function useRpcQuery<M extends Method>(
  method: M,
  input: RawInput<M>,
  { enabled = true, keep = false, fresh = false, everyMs }: QueryOptions = {},
): UseQueryResult<Output<M>, Error> {
  const client = useClient();
  // What is known stays in sight while the manager does not answer; it is asked for when it does again.
  const answers = useLiveState(({ connection }) => connection === 'open');
  return useQuery<Output<M>, Error>({
    queryKey: [method, input],
    queryFn: () => send(client, method, input),
    enabled: enabled && answers,
    ...(fresh ? { staleTime: 0 } : {}),
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/**
 * A method of the contract that does something, as a mutation of TanStack, e.g.
 * `useRpcCommand('engines.install').mutate({ engine })`. A refusal is in `error`, for the view to show.
 */
export function useRpcCommand<M extends Method>(
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
