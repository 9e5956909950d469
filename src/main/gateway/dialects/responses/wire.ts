/**
 * What the Responses dialect says to a client, as OpenAI's API reference has it (Responses, Streaming events). A test
 * compares these types with those of the official package.
 */

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface OutputText {
  readonly type: 'output_text';
  readonly text: string;
  /** Vercel's SDK refuses a whole answer without them. */
  readonly annotations: [];
  readonly logprobs: [];
}

export interface ReasoningText {
  readonly type: 'reasoning_text';
  readonly text: string;
}

export interface SummaryText {
  readonly type: 'summary_text';
  readonly text: string;
}

export interface MessageItem {
  readonly type: 'message';
  readonly id: string;
  readonly role: 'assistant';
  readonly status: ItemStatus;
  readonly content: OutputText[];
}

/** The text is there twice: Vercel's SDK shows only the summary, other clients what is in `content`. */
export interface ReasoningItem {
  readonly type: 'reasoning';
  readonly id: string;
  readonly status: ItemStatus;
  readonly summary: SummaryText[];
  readonly content: ReasoningText[];
  /** Only with `store: false`, see NOT_ENCRYPTED. */
  readonly encrypted_content?: string;
}

export interface FunctionCallItem {
  readonly type: 'function_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly arguments: string;
  readonly status: ItemStatus;
}

export interface CustomCallItem {
  readonly type: 'custom_tool_call';
  readonly id: string;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
  readonly input: string;
  readonly status: ItemStatus;
}

export type CallItem = FunctionCallItem | CustomCallItem;
export type OutputItem = MessageItem | ReasoningItem | CallItem;

export interface ResponseUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: {
    readonly cached_tokens: number;
    /** What OpenAI charges for; nobody does here. */
    readonly cache_write_tokens: 0;
  };
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}

/** What a response repeats of its request, in the dialect's own names; the defaults where the request is silent. */
export interface ResponseEcho {
  readonly instructions: string | null;
  readonly max_output_tokens: number | null;
  readonly metadata: unknown;
  readonly parallel_tool_calls: boolean;
  readonly previous_response_id: string | null;
  readonly conversation?: { readonly id: string };
  readonly reasoning: { readonly effort: unknown; readonly summary: unknown };
  readonly store: boolean;
  readonly temperature: number | null;
  readonly text: unknown;
  readonly tool_choice: unknown;
  /** Those that the model is offered: the ones that were left out are missing. */
  readonly tools: readonly unknown[];
  readonly top_p: number | null;
  /** A conversation is never cut here, whatever was asked. */
  readonly truncation: 'disabled';
}

export type ResponseStatus = 'in_progress' | 'completed' | 'incomplete' | 'failed';

export interface ResponseObject extends ResponseEcho {
  readonly id: string;
  readonly object: 'response';
  /** Unix seconds. */
  readonly created_at: number;
  readonly status: ResponseStatus;
  readonly background: false;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: {
    readonly reason: 'max_output_tokens' | 'content_filter';
  } | null;
  readonly model: string;
  readonly output: OutputItem[];
  /** Null until the answer ends, and where nobody counted. */
  readonly usage: ResponseUsage | null;
}

interface InItem {
  readonly item_id: string;
  readonly output_index: number;
}
interface InContent extends InItem {
  readonly content_index: number;
}
interface InSummary extends InItem {
  readonly summary_index: number;
}

/** An event without its number. */
export type EventBody =
  | {
      readonly type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed';
      readonly response: ResponseObject;
    }
  | {
      readonly type: 'response.output_item.added' | 'response.output_item.done';
      readonly output_index: number;
      readonly item: OutputItem;
    }
  | (InContent & {
      readonly type: 'response.content_part.added' | 'response.content_part.done';
      readonly part: OutputText | ReasoningText;
    })
  | (InContent & {
      readonly type: 'response.output_text.delta';
      readonly delta: string;
      readonly logprobs: [];
    })
  | (InContent & {
      readonly type: 'response.output_text.done';
      readonly text: string;
      readonly logprobs: [];
    })
  | (InContent & { readonly type: 'response.reasoning_text.delta'; readonly delta: string })
  | (InContent & { readonly type: 'response.reasoning_text.done'; readonly text: string })
  | (InSummary & {
      readonly type:
        | 'response.reasoning_summary_part.added'
        | 'response.reasoning_summary_part.done';
      readonly part: SummaryText;
    })
  | (InSummary & { readonly type: 'response.reasoning_summary_text.delta'; readonly delta: string })
  | (InSummary & { readonly type: 'response.reasoning_summary_text.done'; readonly text: string })
  | (InItem & { readonly type: 'response.function_call_arguments.delta'; readonly delta: string })
  | (InItem & {
      readonly type: 'response.function_call_arguments.done';
      readonly arguments: string;
      readonly name: string;
    })
  | (InItem & { readonly type: 'response.custom_tool_call_input.delta'; readonly delta: string })
  | (InItem & { readonly type: 'response.custom_tool_call_input.done'; readonly input: string });

export type ResponsesEvent = EventBody & { readonly sequence_number: number };
