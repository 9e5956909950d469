/**
 * Reads what an engine streams from `chat/completions` or `completions`. Pure: from a state and an event to a new state
 * and what was said, so that a recorded stream says the same however it is cut.
 */
import type { StreamEvent, StreamFailure, Usage } from '../../conversation/stream-event';
import type { SseItem } from '../sse';
import { type EngineCalls, endCalls, NO_CALLS, pauseCalls, takeCall } from './engine-calls';
import { failureIn } from './engine-error';
import { readUsage, stopReason } from './engine-usage';
import { type Fields, objectOf } from './fields';

export interface EngineStream {
  /** Makes the ids of calls for which the engine has none. */
  readonly id: string;
  readonly isStarted: boolean;
  readonly calls: EngineCalls;
  readonly usage: Usage | undefined;
  /** Why it ended, once the engine has said so; it is told last, after the usage. */
  readonly finish:
    | { readonly reason: string; readonly stopSequence?: string | undefined }
    | undefined;
  /** Nothing more counts: it was told how it ended. */
  readonly isEnded: boolean;
}

export interface EngineStep {
  readonly state: EngineStream;
  readonly events: readonly StreamEvent[];
}

const NOTHING: readonly StreamEvent[] = [];

/** @param id - unique for this answer, in ids of calls for which the engine has none */
export function beginEngineStream(id: string): EngineStream {
  return {
    id,
    isStarted: false,
    calls: NO_CALLS,
    usage: undefined,
    finish: undefined,
    isEnded: false,
  };
}

/** What an event of the engine says. Comments say nothing, and neither does anything after the end. */
export function takeEngineEvent(state: EngineStream, item: SseItem): EngineStep {
  if (state.isEnded || item.type === 'comment') return { state, events: NOTHING };
  const data = item.data;
  if (data === '[DONE]') return finishStream(state, true);
  if (data === '') return { state, events: NOTHING };
  try {
    const chunk = objectOf(JSON.parse(data));
    if (chunk === undefined) return fail(state, [], notJson(data));
    const failure = failureIn(chunk);
    return failure === undefined ? takeChunk(state, chunk) : fail(state, [], failure);
  } catch (error) {
    // It is no JSON, or nested so deeply that it cannot be written again.
    if (error instanceof SyntaxError || error instanceof RangeError)
      return fail(state, [], notJson(data));
    throw error;
  }
}

/** What is left to be said once the engine has closed its stream: one that did not finish has failed. */
export function endEngineStream(state: EngineStream): EngineStep {
  return state.isEnded ? { state, events: NOTHING } : finishStream(state, false);
}

function takeChunk(before: EngineStream, chunk: Fields): EngineStep {
  const choices = chunk.choices;
  if (choices !== undefined && choices !== null && !Array.isArray(choices))
    return fail(before, [], invalid('a chunk whose choices are no list'));
  const events: StreamEvent[] = [];
  let state = before;
  if (!state.isStarted && Array.isArray(choices)) {
    events.push({ type: 'started' });
    state = { ...state, isStarted: true };
  }
  const usage = readUsage(chunk.usage);
  if (usage !== undefined) state = { ...state, usage };
  const choice = Array.isArray(choices) ? objectOf(choices[0]) : undefined;
  if (choice !== undefined && (choice.index ?? 0) === 0) {
    const step = takeChoice(state, choice, events);
    if (step.failure !== undefined) return fail(step.state, events, step.failure);
    state = step.state;
  }
  // Engines give the usage in the last chunk of the answer, or in one of its own after it.
  if (state.finish !== undefined && state.usage !== undefined) {
    const end = finishStream(state, true);
    return { state: end.state, events: [...events, ...end.events] };
  }
  return { state, events };
}

interface ChoiceStep {
  readonly state: EngineStream;
  readonly failure?: StreamFailure;
}

function takeChoice(before: EngineStream, choice: Fields, events: StreamEvent[]): ChoiceStep {
  let state = before;
  const delta = objectOf(choice.delta) ?? objectOf(choice.message);
  const reasoning = delta?.reasoning_content ?? delta?.reasoning;
  if (typeof reasoning === 'string' && reasoning !== '') {
    state = withCalls(state, pauseCalls(state.calls, events));
    events.push({ type: 'reasoning', text: reasoning });
  }
  const text = delta?.content ?? choice.text;
  if (typeof text === 'string' && text !== '') {
    state = withCalls(state, pauseCalls(state.calls, events));
    events.push({ type: 'text', text });
  }
  const pieces = delta?.tool_calls;
  if (Array.isArray(pieces)) {
    for (const item of pieces) {
      const step = takeCall(state.calls, objectOf(item) ?? {}, state.id, events);
      if (step.fault !== undefined) return { state, failure: invalid(step.fault) };
      state = withCalls(state, step.calls);
    }
  }
  const reason = choice.finish_reason;
  if (typeof reason !== 'string' || reason === '') return { state };
  if (reason === 'error')
    return { state, failure: invalid('an answer that ended with an error and no reason') };
  const stop = choice.stop_reason;
  return {
    state: {
      ...state,
      finish: { reason, stopSequence: typeof stop === 'string' && stop !== '' ? stop : undefined },
    },
  };
}

/** @param isSaid - the engine said that it was done */
function finishStream(before: EngineStream, isSaid: boolean): EngineStep {
  const { finish } = before;
  if (finish === undefined && !isSaid)
    // pi asks again where the sentence has the words "server error" (agent-session.js of 0.73.1) and gives up elsewhere.
    return fail(before, [], {
      code: 'upstream_closed',
      message: 'Server error: the engine closed the connection in the middle of its answer.',
    });
  if (!before.isStarted) return fail(before, [], invalid('a stream without an answer'));
  const events: StreamEvent[] = [];
  const { calls, fault } = endCalls(before.calls, before.id, events);
  if (fault !== undefined) return fail(before, events, invalid(fault));
  if (before.usage !== undefined) events.push({ type: 'usage', usage: before.usage });
  events.push({
    type: 'stopped',
    reason: stopReason(finish?.reason ?? 'stop', calls.calls.length > 0),
    ...(finish?.stopSequence === undefined ? {} : { stopSequence: finish.stopSequence }),
  });
  return { state: { ...withCalls(before, calls), isEnded: true }, events };
}

function withCalls(state: EngineStream, calls: EngineCalls): EngineStream {
  return calls === state.calls ? state : { ...state, calls };
}

function fail(
  state: EngineStream,
  said: readonly StreamEvent[],
  failure: StreamFailure,
): EngineStep {
  return {
    state: { ...state, isEnded: true },
    events: [...said, { type: 'failed', failure }],
  };
}

function invalid(what: string): StreamFailure {
  return { code: 'upstream_invalid', message: `The engine sent ${what}. Its log may say why.` };
}

function notJson(data: string): StreamFailure {
  const shown = data.length > 80 ? `${data.slice(0, 80)}...` : data;
  return invalid(`something that isn't a JSON object: ${JSON.stringify(shown)}`);
}
