import { secondsLost, tokensAgain } from '@renderer/text/gateway-text';
import type { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';

/** The session that lost most time first, then most tokens, then the last used. Pure. */
export function worstFirst(sessions: readonly GatewaySession[]): GatewaySession[] {
  return sessions.toSorted(
    (a, b) =>
      secondsLost(b) - secondsLost(a) ||
      tokensAgain(b) - tokensAgain(a) ||
      b.lastTime.localeCompare(a.lastTime),
  );
}

/** One request of a session. */
export interface Turn {
  readonly id: string;
  /** From 1: the session's first request. */
  readonly number: number;
  readonly request: GatewayRequest;
  /** Tokens of the prompt in their parts; undefined where the engine did not say what it reused. */
  readonly tokens:
    | { readonly reused: number; readonly again: number; readonly fresh: number }
    | undefined;
}

/** A session's requests, the oldest first, each with its number in the whole session. Pure. */
export function turnsOf(session: GatewaySession, requests: readonly GatewayRequest[]): Turn[] {
  return requests
    .map((request, index) => ({
      id: request.id,
      number: session.requests - index,
      request,
      tokens: partsOf(request),
    }))
    .toReversed();
}

function partsOf({ promptTokens, cachedTokens, prefix }: GatewayRequest): Turn['tokens'] {
  if (promptTokens === undefined || cachedTokens === undefined) return undefined;
  const again = Math.min(prefix?.tokensAgain ?? 0, promptTokens - cachedTokens);
  return { reused: cachedTokens, again, fresh: promptTokens - cachedTokens - again };
}
