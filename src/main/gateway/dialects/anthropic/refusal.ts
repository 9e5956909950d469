import type { Refusal } from '../../conversation/refusal';
import type { StreamFailure } from '../../conversation/stream-event';
import type { ErrorBody, ErrorType } from './wire';

/** A refusal as it goes over the wire. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** The types that Anthropic's documentation gives these statuses. */
const TYPES: ReadonlyMap<number, ErrorType> = new Map([
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
]);

/** Types of failures by their codes, for those that are no `api_error`. */
const FAILURE_TYPES: readonly (readonly [RegExp, ErrorType])[] = [
  [/^(context_length_exceeded|invalid_)/, 'invalid_request_error'],
  [/^rate_limit/, 'rate_limit_error'],
  [/overloaded|queue_full/, 'overloaded_error'],
];

/**
 * A refusal in the dialect's shape. The status stays: Claude Code and the official packages ask again after 408, 409,
 * 429 and 5xx and keep to `Retry-After` (as measured), and `x-should-retry: false` is what ends that at once. A 503
 * that is worth asking again is `overloaded_error`, which programs take for a passing state.
 */
export function anthropicRefusal(refusal: Refusal, requestId?: string): RefusalAnswer {
  const { status, message, retryAfterSeconds, isFinal } = refusal;
  return {
    status,
    headers: {
      ...(requestId === undefined ? {} : { 'request-id': requestId }),
      ...(retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.max(0, Math.ceil(retryAfterSeconds))) }),
      ...(isFinal === true ? { 'x-should-retry': 'false' } : {}),
    },
    body: errorBody(typeOf(refusal), message, requestId),
  };
}

/** A failure after the answer began. Codes that asking again would not mend are no `api_error`: that is asked again. */
export function failureBody({ code, message }: StreamFailure): ErrorBody {
  const type = FAILURE_TYPES.find(([codes]) => codes.test(code))?.[1] ?? 'api_error';
  return errorBody(type, message, undefined);
}

function typeOf({ status, retryAfterSeconds }: Refusal): ErrorType {
  const type = TYPES.get(status);
  if (type !== undefined) return type;
  if (status < 500) return 'invalid_request_error';
  return status === 503 && retryAfterSeconds !== undefined ? 'overloaded_error' : 'api_error';
}

function errorBody(type: ErrorType, message: string, requestId: string | undefined): ErrorBody {
  return { type: 'error', error: { type, message }, request_id: requestId ?? null };
}
