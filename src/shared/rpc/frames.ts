import type { ErrorBody } from '../errors';

/** A request as it travels. JSON only: no Date, Map or Buffer. */
export interface RequestFrame {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}

export type ResponseFrame =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorBody };

/** `seq` counts per connection, so a gap means that this view lost something. */
export interface EventFrame {
  readonly seq: number;
  readonly topic: string;
  readonly payload: unknown;
}

/** Sent instead of events that a slow view could not take: take a new snapshot. */
export const RESYNC_TOPIC = 'session.resync';

/** Largest frame that is accepted, in bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024;
