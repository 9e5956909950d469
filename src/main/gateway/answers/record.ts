import type { RequestRecord } from '@shared/gateway/record';
import type { Target } from '@shared/gateway/target';
import type { Refusal } from '../conversation/refusal';
import type { Outcome } from '../converse/converse';
import { clientOf } from '../sessions/client-name';
import type { Asked } from './asked';

/** Headers as the sessions read them. */
export function headersOf({ admitted }: Asked): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(admitted.headers);
}

type Always = 'queueMs' | 'loadMs' | 'changes' | 'isStream' | 'isSideCall';
type Told = Omit<
  RequestRecord,
  'id' | 'time' | 'client' | 'keyId' | 'dialect' | 'operation' | 'totalMs' | Always
> &
  Partial<Pick<RequestRecord, Always>>;

let next = 0;

/** What is kept of a request: what is known of its head, and what became of it. */
export function recordOf(asked: Asked, told: Told): RequestRecord {
  const { admitted, began } = asked;
  next += 1;
  return {
    id: `${began.at.toString(36)}-${next.toString(36)}`,
    time: began.at,
    client: clientOf(headersOf(asked)),
    keyId: admitted.key?.id,
    dialect: admitted.dialect,
    operation: admitted.route.operation,
    totalMs: performance.now() - began.monotonic,
    ...{ queueMs: 0, loadMs: 0, changes: [], isStream: false, isSideCall: false },
    ...told,
  };
}

/** What a conversation came to. */
export function toldOf(
  { name, profileId }: Target,
  model: string,
  { status, collector, refusal, queueMs, loadMs, firstTokenMs, generationMs }: Outcome,
): Told {
  const { usage, failure, reason } = collector;
  const error = refusal ?? failure;
  return {
    profileId,
    model: model || name,
    status,
    ending: error ? 'failed' : status === ABORTED ? 'aborted' : 'answered',
    error: error && { code: error.code, message: error.message },
    promptTokens: usage?.promptTokens,
    cachedTokens: usage?.cachedTokens,
    answerTokens: usage?.answerTokens,
    firstTokenMs,
    generationMs,
    queueMs,
    loadMs,
    stop: reason,
  };
}

/** The status that nginx notes for a client that went away. */
export const ABORTED = 499;

/** A request that was refused before any engine was asked. */
export function toldOfRefusal({ status, code, message }: Refusal): Told {
  return { status, ending: 'refused', error: { code, message } };
}
