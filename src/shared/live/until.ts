import type { Client } from '../rpc/client';
import { whileWanted } from '../while-wanted';
import { follow } from './follow';
import { applyToData, dataFromSnapshot, type LiveData } from './live-data';

/**
 * Waits for something to be true: `look` is called with what is true from a snapshot that is taken now, and again
 * after each later event, in order, until it gives something or throws. So an answer that was on its way while
 * something newer happened never hides that, and an event that was lost is made up for.
 *
 * One at a time on a connection: a snapshot stands for the events before it.
 * @param signal ends the waiting with its reason.
 */
export async function until<T>(
  client: Client,
  look: (data: LiveData) => T | undefined,
  signal?: AbortSignal,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let data: LiveData | undefined;
  const see = (next: LiveData): void => {
    data = next;
    try {
      const found = look(next);
      if (found !== undefined) resolve(found);
    } catch (error) {
      reject(error);
    }
  };
  const following = follow(client, {
    snapshot: (snapshot) => see(dataFromSnapshot(data, snapshot)),
    event: (frame) => {
      if (data) see(applyToData(data, frame));
    },
    problem: reject,
  });
  following.resync();
  try {
    return await whileWanted(promise, signal);
  } finally {
    following.stop();
  }
}
