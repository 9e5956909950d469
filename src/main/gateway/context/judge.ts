import type { Target } from '@shared/gateway/target';

import {
  type ContextVerdict,
  contextVerdict,
  needsExactCount,
  reserveFor,
  type TokenCount,
} from './contract';
import type { CountTarget, TokenCounter } from './counter';
import { type PromptSource, promptBounds } from './estimate';

/** What of a profile its prompts are judged by. */
export type JudgedTarget = CountTarget & Pick<Target, 'contextLength' | 'answerLimit'>;

/** What of a request is judged. */
export type JudgedRequest = PromptSource & { readonly maxTokens?: number | undefined };

export interface Judgement {
  readonly verdict: ContextVerdict;
  /** Undefined where the bytes alone proved that it fits. */
  readonly count?: TokenCount;
}

/**
 * Holds a request against its profile's context: by its bytes first, which is enough for most, and by its tokens
 * where those are near. Rejects with the signal's reason alone.
 * @param target with the variables of the chat template as this request sets them.
 */
export async function judgeContext(
  counter: Pick<TokenCounter, 'count'>,
  target: JudgedTarget,
  conversation: JudgedRequest,
  signal?: AbortSignal,
): Promise<Judgement> {
  const { contextLength: limit, answerLimit: defaultMaxTokens } = target;
  const { maxTokens } = conversation;
  const reserve = limit === undefined ? 0 : reserveFor(limit, conversation.tools.length > 0);
  const request = { limit, maxTokens, defaultMaxTokens, reserve };
  if (limit === undefined || !needsExactCount(request, promptBounds(conversation))) {
    return { verdict: { kind: 'fits', maxTokens } };
  }
  const count = await counter.count(target, conversation, signal);
  return { verdict: contextVerdict(request, count), count };
}
