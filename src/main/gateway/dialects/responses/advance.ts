import type { StreamEvent, StreamFailure } from '../../conversation/stream-event';
import { beginCall, continueCall, endCall, endEndedCall, noteCallEnd } from './calls';
import { beginSpeech, endSpeech, speak } from './speech';
import { chain, type Move, type ResponsesState, responseOf, type Step, say, stay } from './state';

/** What the client is told when the engine says something. */
export function advance(state: ResponsesState, event: StreamEvent): Step {
  // A response that has failed is over, whatever the engine still says.
  if (state.failure) return stay(state);
  switch (event.type) {
    case 'started':
      return begin(state);
    case 'text':
      return chain(state, ...speech('message', event.text));
    case 'reasoning':
      return chain(state, ...speech('reasoning', event.text));
    case 'callBegun': {
      const { index, id, name } = event;
      return chain(
        state,
        begin,
        endSpeech('completed'),
        endCall('completed'),
        beginCall(index, id, name),
      );
    }
    case 'callArguments':
      return continueCall(event.index, event.text)(state);
    case 'callEnded':
      return noteCallEnd(event.index)(state);
    case 'usage':
      return stay({ ...state, usage: event.usage });
    case 'stopped': {
      const isCut = event.reason === 'length' || event.reason === 'content_filter';
      const status = isCut ? 'incomplete' : 'completed';
      const stop: Move = (before) => stay({ ...before, stop: event.reason });
      return chain(state, begin, endSpeech(status), endCall(status), stop);
    }
    case 'failed':
      return chain(state, begin, fail(event.failure));
  }
}

/** `response.created` must be the first event, before the engine says anything if that takes long. */
export const begin: Move = (state) => {
  if (state.isBegun) return stay(state);
  const response = responseOf(state);
  return say(
    { ...state, isBegun: true },
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
  );
};

/**
 * A sign of life. The response in it is the answer so far with all its items: the official SDK puts it in the place of
 * what it has gathered.
 */
export const beat: Move = (state) => {
  if (!state.isBegun) return begin(state);
  if (state.failure || state.stop) return stay(state);
  return say(state, { type: 'response.in_progress', response: responseOf(state) });
};

/** The event that ends the stream. It waits for the end of the engine's, since the usage comes after the reason. */
export const finish: Move = (state) => {
  if (state.failure) return stay(state);
  if (state.stop === undefined) {
    const message = 'The engine ended its answer in the middle.';
    return chain(state, begin, fail({ code: 'server_error', message }));
  }
  const response = responseOf(state);
  const isWhole = response.status === 'completed';
  return say(state, { type: isWhole ? 'response.completed' : 'response.incomplete', response });
};

const speech = (kind: 'message' | 'reasoning', text: string): readonly Move[] =>
  text === ''
    ? [begin]
    : [begin, endEndedCall, endSpeech('completed', kind), beginSpeech(kind), speak(kind, text)];

const fail =
  (failure: StreamFailure): Move =>
  (state) => {
    const failed = { ...state, failure };
    return say(failed, { type: 'response.failed', response: responseOf(failed) });
  };
