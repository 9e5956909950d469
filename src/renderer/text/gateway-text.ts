import type { Glyph } from '@renderer/components/StateGlyph';
import type { GatewayRequest, GatewaySession } from '@shared/domain/gateway-records';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { PrefixCause } from '@shared/domain/prefix-cause';
import { formatNumber } from '@shared/format/counts';
import { formatDay } from '@shared/format/dates';
import { formatMilliseconds } from '@shared/format/durations';

/** `127.0.0.1:6590`: the gateway's address without what every address has; undefined while it does not listen. */
export function gatewayHost({ url }: GatewayStatus): string | undefined {
  return url?.replace(/^https?:\/\//, '');
}

/** The state in a word or two, with its shape. */
export function gatewayState({ state, failure }: GatewayStatus): {
  readonly glyph: Glyph;
  readonly label: string;
} {
  switch (state) {
    case 'listening':
      return { glyph: 'ready', label: 'Listening' };
    case 'starting':
      return { glyph: 'starting', label: 'Starting' };
    case 'off':
      return { glyph: 'stopped', label: 'Off' };
    case 'failed':
      return {
        glyph: 'failed',
        label: failure?.code === 'port_in_use' ? 'Port in use' : 'Not listening',
      };
  }
}

/** How a request ended: its status, and a word where it is not an answer. */
export function endingOf({ ending, status }: Pick<GatewayRequest, 'ending' | 'status'>): {
  readonly glyph: Glyph | undefined;
  readonly label: string;
} {
  switch (ending) {
    case 'answered':
      return { glyph: undefined, label: String(status) };
    case 'aborted':
      return { glyph: undefined, label: 'Canceled' };
    case 'refused':
      return { glyph: 'no', label: `${status} Refused` };
    case 'failed':
      return { glyph: 'failed', label: `${status} Failed` };
  }
}

const DIALECTS: Readonly<Record<string, string>> = {
  openai: 'OpenAI',
  responses: 'OpenAI Responses',
  anthropic: 'Anthropic',
};
const OPERATIONS: Readonly<Record<string, string>> = {
  chat: 'chat completion',
  completions: 'completion',
  embeddings: 'embeddings',
  responses: 'response',
  messages: 'message',
  count_tokens: 'token count',
  models: 'list of models',
};

/** `OpenAI chat completion, streamed`. */
export function operationText({ dialect, operation, stream, sideCall }: GatewayRequest): string {
  return [
    `${DIALECTS[dialect] ?? dialect} ${OPERATIONS[operation] ?? operation}`,
    ...(stream ? ['streamed'] : []),
    ...(sideCall ? ['side call'] : []),
  ].join(', ');
}

/** Why a beginning was computed again, in a few words. */
const CAUSES: Readonly<Record<PrefixCause, string>> = {
  none: 'Everything reused',
  changing_line: 'A changing line',
  tools_reordered: 'Tools reordered',
  tools_changed: 'Tools changed',
  message_changed: 'Message changed',
  note_inserted: 'Note inserted',
  history_cut: 'History shortened',
  restarted: 'Server restarted',
  evicted: 'Displaced from cache',
  cache_too_small: 'Cache too small',
  not_reused: 'Not reused',
};

/** `A changing line`; with its place, `Part 4, a changing line`. */
export function causeLabel(cause: PrefixCause, part?: number): string {
  const label = CAUSES[cause];
  if (part === undefined || cause === 'none') return label;
  return `Part ${part}, ${label.charAt(0).toLowerCase()}${label.slice(1)}`;
}

/** Seconds that a session lost with tokens that were computed again. */
export function secondsLost({ causes }: GatewaySession): number {
  return causes.reduce((sum, { secondsAgain }) => sum + secondsAgain, 0);
}

/** Tokens of a session that were computed again. */
export function tokensAgain({ causes }: GatewaySession): number {
  return causes.reduce((sum, { tokensAgain: again }) => sum + again, 0);
}

/** The first of an id that has no words in it: enough to tell sessions apart. */
export function shortId(id: string): string {
  return id.length <= 8 ? id : id.slice(0, 8);
}

/** `12,148 of 13,204 tokens reused`; undefined where the engine did not say. */
export function reusedText({ promptTokens, cachedTokens }: GatewayRequest): string | undefined {
  if (promptTokens === undefined || cachedTokens === undefined) return undefined;
  return `${formatNumber(cachedTokens)} of ${formatNumber(promptTokens)} tokens reused`;
}

/** A number of tokens, or nothing where it is not known. */
export function tokensText(tokens: number | undefined): string {
  return tokens === undefined ? '' : formatNumber(tokens);
}

/** `208 ms`, or nothing where it is not known. */
export function msText(ms: number | undefined): string {
  return ms === undefined ? '' : formatMilliseconds(ms);
}

/** `today 10:54`, `Nov 21, 08:47`: a day within a sentence. */
export function dayInText(time: string): string {
  return formatDay(time).replace(/^(?:Today|Yesterday)/, (word) => word.toLowerCase());
}
