import type { Refusal } from '../../conversation/refusal';

/** An answer that tells why a request is refused. */
export interface RefusalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Types of errors as OpenAI's answers have them (https://platform.openai.com/docs/guides/error-codes). */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

/**
 * A refusal in OpenAI's shape. `Retry-After` is in whole seconds, which every client measured obeys to the letter;
 * `x-should-retry: false` keeps the official libraries from asking again.
 */
export function openaiRefusal(refusal: Refusal): RefusalAnswer {
  const { status, code, message, param, retryAfterSeconds, isFinal } = refusal;
  const type = TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...(retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
      ...(isFinal === true ? { 'x-should-retry': 'false' } : {}),
    },
    body: JSON.stringify({ error: { message, type, param: param ?? null, code } }),
  };
}
