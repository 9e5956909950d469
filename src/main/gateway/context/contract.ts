import type { Conversation } from '../conversation/conversation';
import type { Refusal } from '../conversation/refusal';
import type { PromptBounds } from './estimate';

/** What of a request its length is judged by. All numbers are tokens. */
export interface ContextRequest {
  /** Prompt and answer together; undefined where nobody knows the profile's context length. */
  readonly limit: number | undefined;
  /** What the request wants of an answer at most; undefined where it does not say. */
  readonly maxTokens?: number | undefined;
  /** What the engine answers at most where a request does not say; undefined where that is not known. */
  readonly defaultMaxTokens?: number | undefined;
  /** What is kept free, see {@link reserveFor}. */
  readonly reserve: number;
}

/** How many tokens a prompt has. */
export interface TokenCount {
  readonly tokens: number;
  /** Counted with the model's own tokenizer and chat template. */
  readonly exact: boolean;
  /** Why it is not exact, as what comes behind "because". */
  readonly why?: string | undefined;
}

export type ContextVerdict =
  | {
      readonly kind: 'fits';
      /** What the engine is asked for: what the request said. */
      readonly maxTokens: number | undefined;
      /** What the record must say, where the prompt was not counted. */
      readonly change?: string | undefined;
    }
  /** It fits with a shorter answer than was asked for. */
  | { readonly kind: 'clamped'; readonly maxTokens: number; readonly change: string }
  | { readonly kind: 'over'; readonly refusal: Refusal };

/** Tokens of a summary that a client makes of what became too long; pi asks for as many as fit. */
const MOST_RESERVE = 4096;

/**
 * Tokens that a turn of an agent leaves free. An agent that is refused for length sends the conversation once more at
 * once, to the same model, with the order to summarize it: that request must fit, and its answer too. The two are told
 * apart by the tools: a turn has them, a summary (measured with pi 0.73 and OpenCode 1.18) has none. A chat
 * without tools may use its whole context.
 */
export function reserveFor(limit: number, hasTools: boolean): number {
  return hasTools ? Math.min(MOST_RESERVE, Math.floor(limit / 8)) : 0;
}

/** Whether a prompt's bytes leave open that it, or the answer asked for, does not fit: then it must be counted. */
export function needsExactCount(request: ContextRequest, { most }: PromptBounds): boolean {
  if (request.limit === undefined) return false;
  if (most === undefined) return true;
  const answer = answerOf(request) ?? Number.POSITIVE_INFINITY;
  return most + Math.max(answer, request.reserve, 1) > request.limit;
}

/**
 * Whether a prompt fits, and with how long an answer. Of a prompt that could not be counted, its likely size counts,
 * and whoever asked, or the record, is told so.
 */
export function contextVerdict(request: ContextRequest, count: TokenCount): ContextVerdict {
  const { limit, maxTokens, reserve } = request;
  if (limit === undefined) return { kind: 'fits', maxTokens };
  // An answer has one token at least.
  const usable = limit - Math.max(reserve, 1);
  if (count.tokens > usable) return { kind: 'over', refusal: overflow(limit, usable, count) };
  const left = limit - count.tokens;
  const note = count.exact ? undefined : notCounted(count);
  if ((answerOf(request) ?? Number.POSITIVE_INFINITY) > left) {
    const what = maxTokens === undefined ? 'max_tokens' : `max_tokens ${maxTokens}`;
    const change = `${what} became ${left}, what the context has left`;
    return { kind: 'clamped', maxTokens: left, change: note ? `${change} (${note})` : change };
  }
  return { kind: 'fits', maxTokens, ...(note === undefined ? {} : { change: note }) };
}

const answerOf = ({ maxTokens, defaultMaxTokens }: ContextRequest): number | undefined =>
  maxTokens ?? defaultMaxTokens;

/**
 * The part of a conversation that its program sends with every request and cannot shorten: its instructions and its
 * tools, with the shortest message of a person, which templates insist on. Undefined where there is none.
 */
export function fixedPart(conversation: Conversation): Conversation | undefined {
  const { messages, tools } = conversation;
  const instructions = messages.filter(({ role }) => role === 'system');
  if (instructions.length === 0 && tools.length === 0) return undefined;
  const person = { role: 'user', parts: [{ kind: 'text', text: '?' }] } as const;
  return { ...conversation, messages: [...instructions, person] };
}

/**
 * What is told where already the {@link fixedPart} does not fit. The words of {@link overflow} would make an agent
 * shorten the conversation, which cannot help: OpenCode 1.18 then summarizes and asks again without end, and pi 0.73
 * ends without a word. So this has none of the words that clients know an overflow by.
 * @param name - of the profile
 * @returns undefined where it fits, or where it was not counted and nobody can be sure
 */
export function fixedOverflow(
  name: string,
  { limit, reserve }: ContextRequest,
  { tokens, exact }: TokenCount,
): Refusal | undefined {
  if (limit === undefined || !exact) return undefined;
  const usable = limit - Math.max(reserve, 1);
  if (tokens <= usable) return undefined;
  return {
    status: 400,
    code: 'context_too_small',
    message:
      `The instructions and tools that this program sends with every request take ${tokens} tokens, and ${name} has ` +
      `room for ${usable}. A shorter conversation doesn't help: use a profile with a longer context, or fewer tools.`,
    param: 'messages',
    isFinal: true,
  };
}

const notCounted = ({ tokens, why }: TokenCount): string =>
  `the prompt was estimated at ${tokens} tokens, because ${why ?? 'it could not be counted'}`;

/**
 * One sentence that every client knows as its own: Claude Code by "prompt is too long: N tokens > M maximum", LangChain
 * by the code in the text, pi, OpenCode and Cline by OpenAI's words. They then shorten the conversation.
 */
function overflow(limit: number, usable: number, count: TokenCount): Refusal {
  const { tokens, exact, why } = count;
  const maximum = tokens > limit ? limit : usable;
  const kept =
    maximum === limit
      ? ''
      : ` ${limit - usable} tokens are reserved for the answer and for a summary.`;
  const estimate = exact
    ? ''
    : ` The number is an estimate, because ${why ?? 'the prompt could not be counted'}.`;
  return {
    status: 400,
    code: 'context_length_exceeded',
    message:
      `prompt is too long: ${tokens} tokens > ${maximum} maximum (context_length_exceeded). ` +
      `This model's maximum context length is ${limit} tokens. ` +
      `However, your messages resulted in ${tokens} tokens.${kept}${estimate}`,
    param: 'messages',
    isFinal: true,
  };
}
