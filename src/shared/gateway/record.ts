/** What is kept of a request that went through the gateway. No text of it. Plain data: it crosses a thread. */
import type { PrefixCause } from '../domain/prefix-cause';

/** The shape in which a client speaks. */
export type Dialect = 'openai' | 'responses' | 'anthropic';

/** What a request wants, in any dialect. */
export type Operation =
  | 'chat'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'messages'
  | 'count_tokens'
  | 'models'
  | 'other';

/** How a request ended, beside its status. */
export type Ending =
  /** The whole answer was sent. */
  | 'answered'
  /** Refused before anything was asked of an engine. */
  | 'refused'
  /** The client went away. */
  | 'aborted'
  /** The engine, its start or the manager failed. */
  | 'failed';

/** Where a prompt's parts come from: a hash and a length of each, in order. */
export interface PromptPart {
  /** `system`, `tools`, `user`, `assistant`, `tool`. */
  readonly role: string;
  /** SHA-256 of the normalised text, the first 16 hex digits. */
  readonly hash: string;
  /** Characters. */
  readonly length: number;
}

/** What a prompt has in common with the session's last one, and why it was not more. */
export interface PrefixFinding {
  readonly cause: PrefixCause;
  /** Parts at the beginning that are the same as in the session's last prompt. */
  readonly commonParts: number;
  /** The first part that differs, counted from 1; undefined where the last prompt is the beginning of this one. */
  readonly part?: number | undefined;
  /** Role of that part, as in {@link PromptPart}. */
  readonly role?: string | undefined;
  /** Line of that part, counted from 1; undefined where its text is not known. */
  readonly line?: number | undefined;
  /** Tokens that were computed though the session's last prompt held them. */
  readonly tokensAgain: number;
  /** Whether the engine did not say how many tokens it reused, so that they are reckoned from the texts' lengths. */
  readonly isEstimate: boolean;
  /** What that took, over the measured speed of reading a prompt; undefined while none was measured. */
  readonly secondsAgain?: number | undefined;
  /** Who used the server in between, where that is the cause. */
  readonly inBetween?: 'side_call' | 'session' | undefined;
}

export interface RequestRecord {
  readonly id: string;
  /** Unix ms at which its head had arrived. */
  readonly time: number;
  readonly client: string;
  readonly keyId?: string | undefined;
  readonly session?: string | undefined;
  readonly profileId?: string | undefined;
  /** The name that was asked for. */
  readonly model?: string | undefined;
  readonly dialect: Dialect;
  readonly operation: Operation;
  readonly isStream: boolean;
  readonly isSideCall: boolean;
  readonly status: number;
  readonly ending: Ending;
  /** Why it was refused or failed: the code and the sentence that the client got. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  readonly answerTokens?: number | undefined;
  /** Ms from the request to the first token that was sent on; of the engine alone without queue and load. */
  readonly firstTokenMs?: number | undefined;
  /** Ms from the first to the last token. */
  readonly generationMs?: number | undefined;
  readonly totalMs: number;
  /** Ms that it waited before its server began to load, or for another reason. */
  readonly queueMs: number;
  /** Ms of its server's load that it waited for. */
  readonly loadMs: number;
  readonly stop?: string | undefined;
  /** What of the request was changed or left out, in words: `max_tokens 32000 became 8000`. */
  readonly changes: readonly string[];
  readonly prompt?: readonly PromptPart[] | undefined;
  /** The first character at which this prompt differs from the session's last one, within the first part that does. */
  readonly commonCharacters?: number | undefined;
  /** What became of the common beginning; undefined for a session's first prompt. */
  readonly prefix?: PrefixFinding | undefined;
}
