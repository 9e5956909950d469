import type { Answer, AnswerContext, StreamEvent } from '../../conversation/stream-event';
import { advance } from './advance';
import { firstState, type ResponseFacts, responseOf } from './state';
import type { ResponseObject } from './wire';

/**
 * The body of an answer that is not streamed. It is what a stream of the same would end with, by the same code, so that
 * a client gets the same items either way.
 */
export function responsesAnswer(
  context: AnswerContext,
  answer: Answer,
  facts: ResponseFacts,
): ResponseObject {
  let state = firstState(context, facts);
  for (const event of eventsOf(answer)) state = advance(state, event).state;
  return responseOf(state);
}

function eventsOf(answer: Answer): readonly StreamEvent[] {
  return [
    { type: 'reasoning', text: answer.reasoning ?? '' },
    { type: 'text', text: answer.text },
    ...answer.calls.flatMap((call, index): StreamEvent[] => [
      { type: 'callBegun', index, id: call.id, name: call.name },
      { type: 'callArguments', index, text: call.arguments },
      { type: 'callEnded', index },
    ]),
    ...(answer.usage ? [{ type: 'usage' as const, usage: answer.usage }] : []),
    { type: 'stopped', reason: answer.reason, stopSequence: answer.stopSequence },
  ];
}
