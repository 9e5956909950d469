import type { StopReason, Usage } from '../../conversation/stream-event';
import { objectOf } from './fields';

/** The usage of an engine's answer; undefined where it has none. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = objectOf(value);
  if (usage === undefined) return undefined;
  const promptTokens = countOf(usage.prompt_tokens) ?? countOf(usage.input_tokens);
  const answerTokens = countOf(usage.completion_tokens) ?? countOf(usage.output_tokens);
  if (promptTokens === undefined && answerTokens === undefined) return undefined;
  const prompt = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  const answer = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details);
  const cachedTokens = countOf(prompt?.cached_tokens);
  const reasoningTokens = countOf(answer?.reasoning_tokens);
  return {
    promptTokens: promptTokens ?? 0,
    answerTokens: answerTokens ?? 0,
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
  };
}

const REASONS: Readonly<Record<string, StopReason>> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool_calls',
  tool_call: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
};

/**
 * Why an answer ended, whatever the engine calls it: a word that nobody knows counts as `stop`. One that ended with
 * calls ended for them, which some engines call `stop`.
 */
export function stopReason(value: string, hasCalls: boolean): StopReason {
  const reason = Object.hasOwn(REASONS, value) ? REASONS[value] : undefined;
  if (hasCalls && reason !== 'length' && reason !== 'content_filter') return 'tool_calls';
  return reason === undefined || reason === 'tool_calls' ? 'stop' : reason;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
