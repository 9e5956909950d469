import type { Snapshot } from '@shared/contract';
import type { Scope } from '@shared/contract/define';
import type { EventFrame } from '@shared/rpc/frames';

/** What a transport gives for each connection. */
export interface SessionSink {
  send(frame: EventFrame): void;
  /** Bytes not yet taken by the other side. */
  backlog(): number;
}

/** One connected view. */
export interface Session {
  readonly scopes: ReadonlySet<Scope>;
  /** Starts or ends the batch events of one key (a profile's log lines, the gateway's requests). */
  follow(key: string, on: boolean): void;
  /**
   * A snapshot of these parts, numbered as the newest event sent. Older events that wait are dropped, since it
   * contains them, and what it tells is not told again until it changes.
   */
  takeSnapshot(parts: Omit<Snapshot, 'seq'>): Snapshot;
  close(): void;
}
