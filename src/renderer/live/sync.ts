import type { Client } from '@shared/rpc/client';
import { type EventFrame, RESYNC_TOPIC } from '@shared/rpc/frames';
import type { Connection } from '../api/connection';
import { applyEvent, fromSnapshot, type LiveStore } from './live-store';

/**
 * Keeps the store true: subscribes, takes a snapshot, applies later events in order, and takes
 * another snapshot after a gap, a resync or a lost connection. Returns the function that ends it.
 */
export function startSync(client: Client, connection: Connection, store: LiveStore): () => void {
  /** Number of the last applied event; undefined while a snapshot is under way. */
  let lastSeq: number | undefined;
  let early: EventFrame[] = [];
  let attempt = 0;

  const apply = (frame: EventFrame): boolean => {
    if (lastSeq === undefined) return false;
    if (frame.seq <= lastSeq) return true;
    if (frame.topic === RESYNC_TOPIC || frame.seq !== lastSeq + 1) return false;
    lastSeq = frame.seq;
    store.setState((state) => applyEvent(state, frame));
    return true;
  };

  const resync = async (): Promise<void> => {
    const mine = ++attempt;
    lastSeq = undefined;
    early = [];
    const snapshot = await client.call('app.snapshot');
    if (mine !== attempt) return;
    store.setState((state) => fromSnapshot(state, snapshot));
    lastSeq = snapshot.seq;
    const buffered = early;
    early = [];
    if (!buffered.every(apply)) await resync();
  };

  // A snapshot that fails because the connection was lost is asked for again when it is back.
  const resyncWhenOpen = (): void => {
    resync().catch((error: unknown) => {
      if (connection.state !== 'open') return;
      store.setState({ problem: error instanceof Error ? error.message : String(error) });
    });
  };

  const stopEvents = connection.onEvent((frame) => {
    if (lastSeq === undefined) early.push(frame);
    else if (!apply(frame)) resyncWhenOpen();
  });
  const stopState = connection.onState((state) => {
    store.setState({ connection: state });
    if (state === 'open') resyncWhenOpen();
  });
  if (connection.state === 'open') resyncWhenOpen();
  return () => {
    attempt++;
    stopEvents();
    stopState();
  };
}
