import type { Sampling } from './conversation';

/** What an engine's `chat/completions` needs and leaves out, beyond what all of them share. */
export interface Quirks {
  /** Its id, as messages name it. */
  readonly engine: string;
  readonly httpVersion: '1.0' | '1.1';
  /** Nothing is known of it: bodies go on as they are, and it refuses what it does not want. */
  readonly isUnknown: boolean;
  readonly completions: boolean;
  /** Whether completions fill in the middle. */
  readonly suffix: boolean;
  /** Whether embeddings take lists of token numbers. */
  readonly tokenInput: boolean;
  /** Whether a JSON schema is enforced while tokens are chosen. */
  readonly schema: boolean;
  /** Whether `json_object` is enforced in the same way. */
  readonly json: boolean;
  /** Whether `none`, `required` and a named tool do something. */
  readonly toolChoice: boolean;
  /** Whether tools are offered only where `tool_choice` says `auto`. */
  readonly needsAuto: boolean;
  readonly parallelTools: boolean;
  readonly developer: boolean;
  /** Whether every system message is moved to the front. */
  readonly movesSystem: boolean;
  /** Whether text parts are joined with nothing between, as ours are. */
  readonly joinsText: boolean;
  /** Whether arguments of earlier tool calls must be JSON objects. */
  readonly parsesArguments: boolean;
  readonly images: boolean;
  readonly audio: boolean;
  /** Whether `stop` may be a string. */
  readonly stopString: boolean;
  /** Whether a field may be null. */
  readonly nulls: boolean;
  readonly maxCompletionTokens: boolean;
  /** Beyond this `max_tokens` is refused. */
  readonly mostTokens?: number | undefined;
  /** Tokens of an answer where a request names no limit; undefined: no limit that cuts answers short. */
  readonly defaultTokens?: number | undefined;
  readonly sampling: ReadonlySet<keyof Sampling>;
  /** Where it reads how much to think: arguments of the template, fields of its own, or OpenAI's `reasoning_effort`. */
  readonly thinking: 'arguments' | 'fields' | 'effort';
  /** The field in which it gives reasoning. */
  readonly reasoningField: 'reasoning' | 'reasoning_content';
  /** Whether a stream ends with its usage when asked. */
  readonly includeUsage: boolean;
  /** Fields that a client must not set: they load other models or change the conversation in silence. */
  readonly withheld: ReadonlySet<string>;
  /** Fields that each request must have. */
  readonly always: Readonly<Record<string, unknown>>;
}
