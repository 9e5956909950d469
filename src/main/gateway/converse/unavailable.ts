import type { Unavailable } from '@shared/gateway/plane';
import type { Refusal } from '../conversation/refusal';
import type { UpstreamError } from '../forward/upstream';

/** A client waits out a Retry-After in full, whatever it is: longer than this it is never told to, s. */
const LONGEST_RETRY_SECONDS = 30;

/** What a client is told of a profile that cannot answer now. */
export function refusalOf({ kind, message, retryAfterSeconds }: Unavailable): Refusal {
  const retry =
    retryAfterSeconds === undefined
      ? { isFinal: true }
      : { retryAfterSeconds: Math.min(LONGEST_RETRY_SECONDS, Math.max(1, retryAfterSeconds)) };
  const said = { message, ...retry };
  switch (kind) {
    case 'manual':
      return { status: 503, code: 'model_not_running', ...said };
    case 'failed':
      return { status: 503, code: 'model_failed', ...said };
    case 'full':
      return { status: 429, code: 'rate_limit_exceeded', ...said };
    case 'no_room':
      return { status: 503, code: 'insufficient_memory', ...said };
    case 'quitting':
      return { status: 503, code: 'quitting', ...said };
  }
}

/** What a client is told of an engine whose connection failed. */
export function connectionRefusal(name: string, error: UpstreamError): Refusal {
  return {
    status: 502,
    code: 'engine_failed',
    message: error.isUnsent
      ? `${name} doesn't answer on its port (${error.code}). Its log has the reason.`
      : // The first words let pi ask again, see finishStream.
        `Server error: ${name} closed the connection before its answer was complete. It may have crashed: its log has the reason.`,
  };
}
