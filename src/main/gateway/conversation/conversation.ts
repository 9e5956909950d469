/**
 * The one form in which a request is understood, whatever its dialect: each dialect has a reader that makes it and a
 * writer that tells its answer, and only the writer of `chat/completions` talks to engines, which all speak that.
 */

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** A `data:` or an `https:` address. */
  | { readonly kind: 'image'; readonly url: string }
  | { readonly kind: 'audio'; readonly data: string; readonly format: string };

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** A JSON text, as the model wrote it. */
  readonly arguments: string;
}

export type Message =
  | { readonly role: 'system' | 'user'; readonly parts: readonly Part[] }
  | {
      readonly role: 'assistant';
      readonly parts: readonly Part[];
      readonly reasoning?: string | undefined;
      readonly calls: readonly ToolCall[];
    }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly name?: string | undefined;
      readonly parts: readonly Part[];
      readonly isError?: boolean | undefined;
    };

export interface Tool {
  readonly name: string;
  readonly description?: string | undefined;
  /** A JSON schema, kept as it came. */
  readonly parameters: unknown;
  readonly strict?: boolean | undefined;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

/** How much the model is to think before it answers; undefined leaves it to the model. */
export type Thinking = 'off' | 'minimal' | 'low' | 'medium' | 'high';

export type OutputFormat =
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema';
      readonly name: string;
      readonly schema: unknown;
      readonly strict?: boolean | undefined;
    };

export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly minP?: number | undefined;
  readonly seed?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stop?: readonly string[] | undefined;
}

export interface Conversation {
  /** The name that was asked for. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice | undefined;
  /** Whether several calls in one answer are welcome; undefined where the client did not say. */
  readonly parallelTools?: boolean | undefined;
  readonly sampling: Sampling;
  /** Tokens of the answer at most. */
  readonly maxTokens?: number | undefined;
  readonly thinking?: Thinking | undefined;
  readonly format?: OutputFormat | undefined;
  readonly isStream: boolean;
  /** Whether the client asked for the usage in a stream; dialects that always tell it say true. */
  readonly wantsUsage: boolean;
  /** Fields that no dialect of ours knows, passed on to the engine as they came. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** What was left out on the way, in words for the record: `tool web_search (runs at the provider)`. */
  readonly changes: readonly string[];
}
