import { messageOf } from '@shared/errors';
import type { Connection } from '@renderer/api/connection';
import { follow } from '@shared/live/follow';
import type { Client } from '@shared/rpc/client';
import { applyEvent, fromSnapshot, type LiveStore } from './live-store';

/**
 * Keeps the store true while the connection is open, and takes another snapshot whenever it is open
 * again. Returns the function that ends it.
 */
export function startSync(client: Client, connection: Connection, store: LiveStore): () => void {
  const following = follow(client, {
    snapshot: (snapshot) => store.setState((state) => fromSnapshot(state, snapshot)),
    event: (frame) => store.setState((state) => applyEvent(state, frame)),
    // One that fails because the connection was lost is asked for again when it is back.
    problem: (error) => {
      if (connection.state !== 'open') return;
      store.setState({ problem: messageOf(error) });
    },
  });
  const stopState = connection.onState((state) => {
    store.setState({ connection: state });
    if (state === 'open') following.resync();
  });
  if (connection.state === 'open') following.resync();
  return () => {
    following.stop();
    stopState();
  };
}
