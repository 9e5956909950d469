/**
 * Answers and events of the Messages dialect as they are written here, a part of the types of `@anthropic-ai/sdk`
 * (a test holds them against those). https://platform.claude.com/docs/en/api/messages
 *
 * Fields that would only be null are left out: no client misses them, and Vercel's AI SDK 6 refuses a whole answer with
 * `citations: null`.
 */

export type StopReasonName = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'tool_use' | 'refusal';

/** Tokens of the prompt are those that were computed: the ones found in a cache are counted beside them. */
export interface MessageUsage {
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number };
}

/** Why an answer ended. */
export interface Ended {
  readonly stop_reason: StopReasonName;
  readonly stop_sequence: string | null;
}

export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export type ContentBlock = TextBlock | ThinkingBlock | ToolUseBlock;

export interface WholeMessage {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly ContentBlock[];
  readonly stop_reason: StopReasonName | null;
  readonly stop_sequence: string | null;
  readonly usage: MessageUsage;
}

export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'timeout_error'
  | 'overloaded_error'
  | 'api_error';

export interface ErrorBody {
  readonly type: 'error';
  readonly error: { readonly type: ErrorType; readonly message: string };
  readonly request_id: string | null;
}

export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: WholeMessage }
  | {
      readonly type: 'content_block_start';
      readonly index: number;
      readonly content_block: ContentBlock;
    }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly delta: Ended;
      readonly usage: MessageUsage;
    }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | ErrorBody;
