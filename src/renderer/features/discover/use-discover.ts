import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useClient } from '@renderer/api/api-context';
import { outageOf } from '@renderer/domain/hub/hub-problem';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { Download } from '@shared/domain/download';
import type { HubFacts, HubModel, HubPage } from '@shared/domain/hub';
import type { SearchCriteria } from './filters';

/** How often the hub is tried while nothing answers, ms. */
const OUTAGE_RETRY_MS = 10_000;

/**
 * Pages of a search, each kept: going back to one costs nothing. While nothing answers it is tried again
 * from time to time; `problem` stays until a search has worked.
 */
export function useSearch(criteria: SearchCriteria) {
  const client = useClient();
  const search = useInfiniteQuery({
    queryKey: ['hub.search', criteria],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) => {
      // A query that uses its signal is cancelled, and not tried again, once nobody shows it.
      signal.throwIfAborted();
      return client.call('hub.search', { ...criteria, offset: pageParam, limit: 30 });
    },
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    staleTime: 5 * 60_000,
    refetchInterval: ({ state }) => (outageOf(state.error ?? undefined) ? OUTAGE_RETRY_MS : false),
  });
  const problem = useLastingError(search.error, search.isSuccess && !search.isPlaceholderData);
  const { refetch } = search;
  const isOut = outageOf(problem) !== undefined;
  useEffect(() => {
    if (!isOut) return;
    const again = (): void => void refetch();
    window.addEventListener('online', again);
    return () => window.removeEventListener('online', again);
  }, [isOut, refetch]);
  return { ...search, problem };
}

/** The last error, kept until a search has worked, so that a new try does not make it flicker. */
function useLastingError(error: Error | null, worked: boolean): Error | undefined {
  const [standing, setStanding] = useState<Error>();
  const next = error ?? (worked ? undefined : standing);
  if (next !== standing) setStanding(next);
  return next;
}

/** Which models are complete on this machine, by the library and by downloads that ended since it was read. */
export function useIsOnDisk(downloads: readonly Download[]): (model: HubModel) => boolean {
  const { data, dataUpdatedAt } = useRpcQuery('models.list', {});
  const here = new Set(
    data?.flatMap(({ complete, hubRef, ref }) => (complete ? [hubRef ?? ref] : [])),
  );
  return ({ ref, onDisk }) => {
    if (data === undefined) return onDisk === 'complete';
    const done = downloads.find((one) => one.ref === ref && one.state === 'done');
    const endedAt = done?.endedAt === undefined ? 0 : Date.parse(done.endedAt);
    return here.has(ref) || endedAt + LOOK_MS > dataUpdatedAt;
  };
}

/** The library may need this long to notice a finished download, ms. */
const LOOK_MS = 3000;

interface RowFacts {
  readonly facts: ReadonlyMap<string, HubFacts>;
  /** Why some are missing. */
  readonly problem: Error | undefined;
  readonly refetch: () => void;
}

/** What the models' own files say, asked for a page of rows at a time. */
export function useFacts(pages: readonly HubPage[]): RowFacts {
  const client = useClient();
  const models = pages.flatMap((page) => page.models);
  const answers = useQueries({
    queries: pages.map((page) => {
      const lacking = page.models.filter(({ facts }) => facts === undefined);
      const refs = lacking.map(({ ref }) => ref);
      return {
        queryKey: ['hub.facts', lacking.map(({ ref, commit }) => `${ref}@${commit}`)],
        queryFn: () => client.call('hub.facts', { refs }),
        enabled: refs.length > 0,
      };
    }),
  });
  const asked = answers.flatMap(({ data }) => data ?? []);
  return {
    facts: new Map([
      ...asked.map(({ ref, facts }): [string, HubFacts] => [ref, facts]),
      ...models.flatMap(({ ref, facts }): [string, HubFacts][] => (facts ? [[ref, facts]] : [])),
    ]),
    problem: answers.find(({ error }) => error)?.error ?? undefined,
    refetch: () => {
      for (const answer of answers) if (answer.error) void answer.refetch();
    },
  };
}
