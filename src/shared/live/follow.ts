import type { Snapshot } from '../contract';
import type { Client } from '../rpc/client';
import { type EventFrame, RESYNC_TOPIC } from '../rpc/frames';

/** What is told to who follows a manager. */
export interface Follower {
  snapshot(snapshot: Snapshot): void;
  /** In order, each once, later than the snapshot. */
  event(frame: EventFrame): void;
  /** A snapshot could not be taken. */
  problem(error: unknown): void;
}

export interface Following {
  /** Takes a new snapshot: after the connection was lost and is back. */
  resync(): void;
  stop(): void;
}

/**
 * Keeps a view true: takes a snapshot, applies later events in order, and takes another snapshot after
 * a gap or when it was told to. Begins with {@link Following.resync}.
 */
export function follow(client: Client, follower: Follower): Following {
  /** Number of the last applied event; undefined while a snapshot is under way. */
  let lastSeq: number | undefined;
  let early: EventFrame[] = [];
  let attempt = 0;

  const apply = (frame: EventFrame): boolean => {
    if (lastSeq === undefined) return false;
    if (frame.seq <= lastSeq) return true;
    if (frame.topic === RESYNC_TOPIC || frame.seq !== lastSeq + 1) return false;
    lastSeq = frame.seq;
    follower.event(frame);
    return true;
  };

  const takeSnapshot = async (): Promise<void> => {
    const mine = ++attempt;
    lastSeq = undefined;
    early = [];
    const snapshot = await client.call('app.snapshot');
    if (mine !== attempt) return;
    follower.snapshot(snapshot);
    lastSeq = snapshot.seq;
    const buffered = early;
    early = [];
    if (!buffered.every(apply)) await takeSnapshot();
  };

  const resync = (): void => {
    takeSnapshot().catch((error: unknown) => follower.problem(error));
  };

  const stopEvents = client.onFrame((frame) => {
    if (lastSeq === undefined) early.push(frame);
    else if (!apply(frame)) resync();
  });
  return {
    resync,
    stop: () => {
      attempt++;
      stopEvents();
    },
  };
}
