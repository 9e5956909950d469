/** What is kept of a request that went through the gateway. No text of it. Plain data: it crosses a thread. */

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
  readonly queueMs: number;
  readonly loadMs: number;
  readonly stop?: string | undefined;
  /** What of the request was changed or left out, in words: `max_tokens 32000 became 8000`. */
  readonly changes: readonly string[];
  readonly prompt?: readonly PromptPart[] | undefined;
  /** The first character at which this prompt differs from the session's last one, within the first part that does. */
  readonly commonCharacters?: number | undefined;
}
