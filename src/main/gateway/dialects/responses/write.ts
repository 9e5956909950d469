import type { StreamWriter } from '../../conversation/stream-event';
import { advance, beat, finish } from './advance';
import {
  firstState,
  type ResponseFacts,
  type ResponsesState,
  responseOf,
  type Step,
} from './state';
import type { ResponseObject, ResponsesEvent } from './wire';

/** Writes an answer as the stream of `POST /v1/responses` with `stream: true`. */
export function responsesWriter(facts: ResponseFacts): StreamWriter<ResponsesState> {
  return {
    begin: (context) => firstState(context, facts),
    write: (state, event) => written(advance(state, event)),
    beat: (state) => written(beat(state)),
    end: (state) => written(finish(state)).text,
  };
}

/** The response with which the stream ended, for the store. */
export function finishedResponse(state: ResponsesState): ResponseObject {
  return responseOf(finish(state).state);
}

const written = ({ state, events }: Step): { state: ResponsesState; text: string } => ({
  state,
  text: events.map(asText).join(''),
});

const asText = (event: ResponsesEvent): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
