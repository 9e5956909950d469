import type { GatewayRequest } from '@shared/domain/gateway-records';

export const REQUEST_FILTERS = [
  { value: 'all', label: 'All' },
  { value: 'answered', label: 'Answered' },
  { value: 'failed', label: 'Failed' },
  { value: 'refused', label: 'Refused' },
  { value: 'canceled', label: 'Canceled' },
  { value: 'slow', label: 'Slow' },
] as const;
export type RequestFilter = (typeof REQUEST_FILTERS)[number]['value'];

/** A first token later than this is slow, ms. */
const SLOW_MS = 10_000;

const TESTS: Readonly<Record<RequestFilter, (request: GatewayRequest) => boolean>> = {
  all: () => true,
  answered: ({ ending }) => ending === 'answered',
  failed: ({ ending }) => ending === 'failed',
  refused: ({ ending }) => ending === 'refused',
  canceled: ({ ending }) => ending === 'aborted',
  slow: ({ firstTokenMs = 0, queueMs, loadMs }) => firstTokenMs + queueMs + loadMs > SLOW_MS,
};

/** Those that a filter and a search let through. Pure. */
export function filteredRequests(
  requests: readonly GatewayRequest[],
  filter: RequestFilter,
  search: string,
): GatewayRequest[] {
  const needle = search.trim().toLowerCase();
  return requests.filter(
    (one) =>
      TESTS[filter](one) &&
      `${one.client}\n${one.profile}\n${one.session ?? ''}\n${one.error?.message ?? ''}`
        .toLowerCase()
        .includes(needle),
  );
}

/**
 * What is shown while a person looks at a row: nothing that came since moves it away.
 * @param from the id of the newest row when the look began; undefined: everything is shown.
 */
export function heldRequests(
  requests: readonly GatewayRequest[],
  from: string | undefined,
): { readonly shown: readonly GatewayRequest[]; readonly newer: number } {
  const at = from === undefined ? -1 : requests.findIndex(({ id }) => id === from);
  return at <= 0 ? { shown: requests, newer: 0 } : { shown: requests.slice(at), newer: at };
}
