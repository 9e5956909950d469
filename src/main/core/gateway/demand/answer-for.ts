import type { Server } from '@shared/domain/server';
import type { ServerState } from '@shared/domain/server-state';
import { shellQuote } from '@shared/shell-quote';
import type { Unavailable } from '@shared/gateway/plane';

/** What follows for requests that wait for a server in this state. */
export type NextStep =
  | { readonly kind: 'ready' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'start' }
  | { readonly kind: 'unavailable'; readonly why: Unavailable };

/** A start that failed is not tried again for this long, ms: a program that asks again and again would load it forever. */
export const PAUSE_AFTER_FAILURE_MS = 10_000;

const READY: NextStep = { kind: 'ready' };
const WAIT: NextStep = { kind: 'wait' };
const START: NextStep = { kind: 'start' };

/** @param now Unix ms. */
export function nextStep(server: Server, startsOnRequest: boolean, now: number): NextStep {
  switch (server.state) {
    case 'ready':
    case 'degraded':
      return READY;
    case 'queued':
    case 'starting':
    case 'loading':
    case 'backoff':
    case 'draining':
    case 'stopping':
      return WAIT;
    case 'stuck':
      return failed(server);
    case 'failed': {
      const pauseEnds = Date.parse(server.since) + PAUSE_AFTER_FAILURE_MS;
      if (now < pauseEnds) return failed(server, Math.ceil((pauseEnds - now) / 1000));
      return startsOnRequest ? START : manual(server);
    }
    case 'stopped':
      return startsOnRequest ? START : manual(server);
  }
}

function failed({ name, failure }: Server, retryAfterSeconds?: number): NextStep {
  const reason = failure?.message ?? 'The reason is not known.';
  // It may have failed at its start or long after it.
  const message = `${name} failed. ${reason}`;
  return {
    kind: 'unavailable',
    why: { kind: 'failed', message, failure, ...(retryAfterSeconds && { retryAfterSeconds }) },
  };
}

function manual({ name, state }: { readonly name: string; readonly state: ServerState }): NextStep {
  const is = state === 'failed' ? 'failed' : "isn't running";
  const message = `${name} ${is} and isn't started by requests. Start it in MLX Manager, run mlx-manager start ${shellQuote(name)}, or set its start to "On request".`;
  return { kind: 'unavailable', why: { kind: 'manual', message } };
}
