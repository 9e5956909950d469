import type { Unavailable } from '@shared/gateway/plane';
import type { Refusal } from '../conversation/refusal';
import { UpstreamError } from '../forward/upstream';

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
      : `${name} closed the connection before its answer was complete. It may have crashed: its log has the reason.`,
  };
}

/** Characters of an engine's own words that are passed on. */
const QUOTED = 2000;

/** What a client is told where the engine refused the request, in the engine's own words. */
export function engineRefusal(name: string, status: number, body: string): Refusal {
  const said = engineMessage(body).slice(0, QUOTED).trim();
  const message = said === '' ? `${name} refused the request (HTTP ${status}).` : said;
  // A fault of the engine is one of a server behind this one; what it says of the request is the client's to mend.
  return status >= 400 && status < 500
    ? { status, code: status === 404 ? 'not_supported' : 'invalid_request', message }
    : { status: 502, code: 'engine_failed', message: `${name}: ${message}` };
}

function engineMessage(body: string): string {
  try {
    const { error, detail, message } = Object(JSON.parse(body));
    for (const one of [error?.message, error, detail, message]) {
      if (typeof one === 'string') return one;
    }
    return detail === undefined ? body : JSON.stringify(detail);
  } catch {
    return body;
  }
}
