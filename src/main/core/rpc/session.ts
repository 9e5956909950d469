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
  /** Starts or ends the batch events of one key (a profile's log lines). */
  follow(key: string, on: boolean): void;
  /** Number of the newest event sent; older coalesced ones are dropped, since a snapshot contains them. */
  takeSnapshotSeq(): number;
  close(): void;
}
