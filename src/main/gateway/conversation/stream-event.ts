/** What an engine says while it answers, in one form for every dialect. */

export interface Usage {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** Tokens of the prompt that the engine had computed before; undefined where it does not tell. */
  readonly cachedTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
}

export type StopReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** A failure in the middle of an answer, after its status was sent. */
export interface StreamFailure {
  readonly message: string;
  readonly code: string;
}

export type StreamEvent =
  | { readonly type: 'started' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** A tool call begins; its arguments follow in pieces. Calls are numbered from 0 and never go on after the next began. */
  | {
      readonly type: 'callBegun';
      readonly index: number;
      readonly id: string;
      readonly name: string;
    }
  | { readonly type: 'callArguments'; readonly index: number; readonly text: string }
  | { readonly type: 'callEnded'; readonly index: number }
  | { readonly type: 'usage'; readonly usage: Usage }
  | {
      readonly type: 'stopped';
      readonly reason: StopReason;
      readonly stopSequence?: string | undefined;
    }
  | { readonly type: 'failed'; readonly failure: StreamFailure };

/** A whole answer that was not streamed. */
export interface Answer {
  readonly text: string;
  readonly reasoning?: string | undefined;
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly reason: StopReason;
  readonly stopSequence?: string | undefined;
  readonly usage?: Usage | undefined;
}

/**
 * How a dialect writes an answer: from a state and an event to a new state and the text to send. Pure, so that a
 * recorded stream can be cut anywhere and says the same.
 */
export interface StreamWriter<State> {
  begin(context: AnswerContext): State;
  write(state: State, event: StreamEvent): { readonly state: State; readonly text: string };
  /** What tells the client that the answer is still to come, in words that it counts as a sign of life. */
  beat(state: State): { readonly state: State; readonly text: string };
  /** What follows the last event, e.g. `data: [DONE]`. */
  end(state: State): string;
}

/** What an answer repeats of its request. */
export interface AnswerContext {
  /** Unique, without the dialect's prefix. */
  readonly id: string;
  /** The name that was asked for. */
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
  readonly wantsUsage: boolean;
  /** Tokens of the prompt as counted before it was sent on, for dialects that tell them first. */
  readonly promptTokens?: number | undefined;
}
