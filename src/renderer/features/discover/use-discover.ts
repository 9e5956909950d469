import type { RawInput } from '@shared/contract';
import type { HubFacts, HubPage } from '@shared/domain/hub';
import { DomainError } from '@shared/errors';
import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useClient } from '../../api/api-context';

/** What a person looks for. */
export type Looking = Omit<RawInput<'hub.search'>, 'offset' | 'limit'>;

const TYPING_MS = 250;

/** The value once it has not changed for a moment. */
export function useSettled<T>(value: T, ms = TYPING_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Pages of a search, each kept: going back to one costs nothing. */
export function useSearch(looking: Looking) {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: ['hub.search', looking],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      client.call('hub.search', { ...looking, offset: pageParam, limit: 30 }),
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    // A search that a newer one has ended is asked again when it is looked at again.
    retry: (count, error) =>
      error instanceof DomainError && error.code === 'cancelled' && count < 3,
    retryDelay: 50,
    staleTime: 5 * 60_000,
  });
}

/** What the own files of the rows say, a page at a time, as soon as it is known. */
export function useFacts(pages: readonly HubPage[]): ReadonlyMap<string, HubFacts> {
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
  return new Map([
    ...asked.map(({ ref, facts }): [string, HubFacts] => [ref, facts]),
    ...models.flatMap(({ ref, facts }): [string, HubFacts][] => (facts ? [[ref, facts]] : [])),
  ]);
}
