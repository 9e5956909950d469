import type { QueryClient } from '@tanstack/react-query';

import type { LiveStore } from '@renderer/live/live-store';
import type { RawInput } from '@shared/contract';
import type { GatewayRequest } from '@shared/domain/gateway-records';
import type { Client } from '@shared/rpc/client';

type Question = RawInput<'gateway.requests'>;

/** Sums of sessions are asked for again at most so often, ms: under load requests end many times a second. */
const SESSIONS_MS = 2000;
/** As many as the manager gives where the question does not say. */
const USUAL_LIMIT = 50;

/** The newest first, with those that have just ended; as many as were asked for. Pure. */
export function withNewer(
  known: readonly GatewayRequest[],
  ended: readonly GatewayRequest[],
  { profileId, sessionId, keyId, limit = USUAL_LIMIT }: Question,
): GatewayRequest[] {
  const ids = new Set(known.map(({ id }) => id));
  const fresh = ended.filter(
    (one) =>
      !ids.has(one.id) &&
      (profileId === undefined || one.profileId === profileId) &&
      (sessionId === undefined || one.session === sessionId) &&
      (keyId === undefined || one.keyId === keyId),
  );
  return [...fresh.toReversed(), ...known].slice(0, limit);
}

/**
 * Follows the requests of the gateway, and puts those that have ended in front of the answers that are known. The
 * manager sends answers and events in order, so none is missed between the two.
 */
export function followRequests(
  client: Client,
  store: Pick<LiveStore, 'subscribe'>,
  queryClient: QueryClient,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopEvents = client.on('gateway.requests', ({ requests }) => {
    const answers = queryClient.getQueryCache().findAll({ queryKey: ['gateway.requests'] });
    for (const { queryKey } of answers) {
      const question = queryKey[1] as Question;
      if (question.before !== undefined || question.after !== undefined) continue;
      queryClient.setQueryData<GatewayRequest[]>(
        queryKey,
        (known) => known && withNewer(known, requests, question),
      );
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      for (const method of ['gateway.sessions', 'gateway.session']) {
        void queryClient.invalidateQueries({ queryKey: [method] });
      }
    }, SESSIONS_MS);
  });
  // Each connection must follow anew, and each has a snapshot first.
  const stopEpochs = store.subscribe((state, before) => {
    if (state.epoch === before.epoch) return;
    client.call('gateway.follow', { follow: true }).catch((error: unknown) => {
      // A lost connection: the next one follows.
      console.debug('gateway.follow', error);
    });
  });
  return () => {
    clearTimeout(timer);
    stopEvents();
    stopEpochs();
  };
}
