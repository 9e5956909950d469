import type {
  AnswerContext,
  StopReason,
  StreamFailure,
  Usage,
} from '../../conversation/stream-event';
import type { ToolNames } from './tool-names';
import type {
  EventBody,
  OutputItem,
  ResponseEcho,
  ResponseObject,
  ResponsesEvent,
  ResponseStatus,
  ResponseUsage,
} from './wire';

/** What the answer needs of its request. */
export interface ResponseFacts {
  readonly tools: ToolNames;
  readonly echo: ResponseEcho;
}

/** A tool call whose item is open. */
export interface OpenCall {
  /** The engine's number of it. */
  readonly index: number;
  /** Its place in `items`. */
  readonly at: number;
  /** The arguments as the model wrote them. */
  readonly text: string;
  /** Whether the engine said that it ended; its item ends only when something follows. */
  readonly hasEnded: boolean;
}

/** An answer so far. */
export interface ResponsesState {
  readonly context: AnswerContext;
  readonly facts: ResponseFacts;
  /** Number of the next event. */
  readonly sequence: number;
  readonly isBegun: boolean;
  readonly items: readonly OutputItem[];
  /** Place in `items` of the message or the reasoning that is being said. */
  readonly speaking?: number | undefined;
  readonly calling?: OpenCall | undefined;
  readonly usage?: Usage | undefined;
  readonly stop?: StopReason | undefined;
  readonly failure?: StreamFailure | undefined;
}

export function firstState(context: AnswerContext, facts: ResponseFacts): ResponsesState {
  return { context, facts, sequence: 0, isBegun: false, items: [] };
}

/** A state and what was said to reach it, the earliest first. */
export interface Step {
  readonly state: ResponsesState;
  readonly events: readonly ResponsesEvent[];
}

export type Move = (state: ResponsesState) => Step;

/** Moves one after the other. */
export function chain(state: ResponsesState, ...moves: readonly Move[]): Step {
  let step: Step = { state, events: [] };
  for (const move of moves) {
    const next = move(step.state);
    step = { state: next.state, events: [...step.events, ...next.events] };
  }
  return step;
}

export const stay: Move = (state) => ({ state, events: [] });

/** Says events, numbered from where the state is. */
export function say(state: ResponsesState, ...bodies: readonly EventBody[]): Step {
  const events = bodies.map((body, index) => ({
    ...body,
    sequence_number: state.sequence + index,
  }));
  return { state: { ...state, sequence: state.sequence + events.length }, events };
}

/** The response as it stands; whole once the engine stopped or failed. */
export function responseOf(state: ResponsesState): ResponseObject {
  const { context, facts, failure, stop, items } = state;
  const status = statusOf(state);
  const hasEnded = status !== 'in_progress';
  return {
    id: `resp_${context.id}`,
    object: 'response',
    created_at: context.created,
    status,
    background: false,
    error: failure ? { code: failure.code || 'server_error', message: failure.message } : null,
    incomplete_details: status === 'incomplete' ? { reason: reasonOf(stop) } : null,
    model: context.model,
    output: hasEnded ? items.map(closed) : [...items],
    usage: hasEnded && state.usage ? usageOf(state.usage) : null,
    ...facts.echo,
  };
}

function statusOf({ failure, stop }: ResponsesState): ResponseStatus {
  if (failure) return 'failed';
  if (stop === undefined) return 'in_progress';
  return stop === 'stop' || stop === 'tool_calls' ? 'completed' : 'incomplete';
}

const reasonOf = (stop: StopReason | undefined): 'max_output_tokens' | 'content_filter' =>
  stop === 'content_filter' ? 'content_filter' : 'max_output_tokens';

/** A failure leaves items open, and nothing will follow. */
const closed = (item: OutputItem): OutputItem =>
  item.status === 'in_progress' ? { ...item, status: 'incomplete' } : item;

/**
 * The dialect has no word for unknown, and SDKs read the details without asking whether they are there: what the engine
 * does not tell is 0 here, and unknown in the record.
 */
function usageOf(usage: Usage): ResponseUsage {
  return {
    input_tokens: usage.promptTokens,
    input_tokens_details: { cached_tokens: usage.cachedTokens ?? 0, cache_write_tokens: 0 },
    output_tokens: usage.answerTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: usage.promptTokens + usage.answerTokens,
  };
}
