import type { Answer, AnswerContext, StopReason, Usage } from '../../conversation/stream-event';
import { parseToolInput } from './tool-input';
import type { ContentBlock, MessageUsage, Ended, StopReasonName, WholeMessage } from './wire';

/**
 * The signature of every thinking block of ours. Clients send a block back only with a signature, and nobody checks
 * this one: engines sign nothing.
 */
export const THINKING_SIGNATURE = 'bWx4LW1hbmFnZXI=';

/** The whole answer of `POST /v1/messages` without a stream. */
export function messagesAnswer(context: AnswerContext, answer: Answer): WholeMessage {
  return {
    ...emptyMessage(context),
    content: contentOf(answer),
    ...endOf(answer.reason, answer.stopSequence, answer.calls.length > 0),
    usage: usageOf(answer.usage, context),
  };
}

/** What each answer is before anything of it was said. */
export function emptyMessage(context: AnswerContext): WholeMessage {
  return {
    id: `msg_${context.id}`,
    type: 'message',
    role: 'assistant',
    model: context.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usageOf(undefined, context),
  };
}

/** Why it ended. A call is one whatever the engine called its end, since clients go on by the reason. */
export function endOf(
  reason: StopReason,
  stopSequence: string | undefined,
  hasCalls: boolean,
): Ended {
  const ended = (stop_reason: StopReasonName, stop_sequence: string | null = null): Ended => ({
    stop_reason,
    stop_sequence,
  });
  if (reason === 'length') return ended('max_tokens');
  if (reason === 'content_filter') return ended('refusal');
  if (hasCalls) return ended('tool_use');
  return stopSequence === undefined ? ended('end_turn') : ended('stop_sequence', stopSequence);
}

/**
 * Tokens as the dialect counts them: `input_tokens` without those from the cache. Clients need numbers; where nobody
 * told them, the prompt's are those that were counted before, and 0 else.
 */
export function usageOf(usage: Usage | undefined, context: AnswerContext): MessageUsage {
  const prompt = usage?.promptTokens ?? context.promptTokens ?? 0;
  const cached = Math.min(usage?.cachedTokens ?? 0, prompt);
  const thinking = usage?.reasoningTokens;
  return {
    input_tokens: prompt - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: usage?.answerTokens ?? 0,
    ...(thinking === undefined ? {} : { output_tokens_details: { thinking_tokens: thinking } }),
  };
}

/** Thoughts, text and calls in the order of a stream; an answer of nothing has a block of no text. */
function contentOf({ text, reasoning, calls }: Answer): readonly ContentBlock[] {
  const blocks: ContentBlock[] = [];
  if (reasoning !== undefined && reasoning !== '') {
    blocks.push({ type: 'thinking', thinking: reasoning, signature: THINKING_SIGNATURE });
  }
  if (text !== '') blocks.push({ type: 'text', text });
  for (const { id, name, arguments: input } of calls) {
    blocks.push({ type: 'tool_use', id, name, input: parseToolInput(input) });
  }
  return blocks.length === 0 ? [{ type: 'text', text: '' }] : blocks;
}
