import { RequestRefused } from '../conversation/refusal';
import type { Answer, StreamEvent } from '../conversation/stream-event';
import { readEngineAnswer } from '../dialects/chat/engine-answer';
import {
  beginEngineStream,
  endEngineStream,
  type EngineStream,
  takeEngineEvent,
} from '../dialects/chat/engine-stream';
import { SseDecoder, SseTooLongError } from '../dialects/sse';
import { readText, type UpstreamAnswer } from '../forward/upstream';

/** Of a whole answer so much is read, bytes: more than any engine writes in one go. */
const LARGEST_ANSWER = 32 * 1024 * 1024;

/**
 * What an engine says in an answer of status 200, as it comes. It ends when the engine has said that it is done, also
 * where the connection stays open.
 *
 * @param id - unique for this answer, in ids of calls for which the engine has none
 * @throws RequestRefused for what is no answer; what the connection throws.
 */
export async function* engineEvents(
  answer: UpstreamAnswer,
  id: string,
): AsyncGenerator<readonly StreamEvent[]> {
  if (/^application\/json\b/i.test(answer.contentType)) {
    yield await wholeAnswer(answer, id);
    return;
  }
  const sse = new SseDecoder();
  let state: EngineStream = beginEngineStream(id);
  for await (const chunk of answer.body) {
    const events: StreamEvent[] = [];
    for (const one of itemsOf(sse, chunk)) {
      const step = takeEngineEvent(state, one);
      state = step.state;
      events.push(...step.events);
    }
    if (events.length > 0) yield events;
    if (state.isEnded) return;
  }
  yield endEngineStream(state).events;
}

function itemsOf(sse: SseDecoder, chunk: Uint8Array): ReturnType<SseDecoder['push']> {
  try {
    return sse.push(chunk);
  } catch (error) {
    if (error instanceof SseTooLongError) throw invalid(error.message);
    throw error;
  }
}

/** Some servers answer in one piece whatever was asked for, and tell a failure with status 200. */
async function wholeAnswer(answer: UpstreamAnswer, id: string): Promise<readonly StreamEvent[]> {
  const text = await readText(answer.body, LARGEST_ANSWER);
  const read = readEngineAnswer(parsed(text), id);
  if (read.answer === undefined) return [{ type: 'failed', failure: read.failure }];
  return [{ type: 'started' }, ...eventsOf(read.answer)];
}

function eventsOf(answer: Answer): StreamEvent[] {
  const { text, reasoning = '', calls, reason, stopSequence, usage } = answer;
  const called = calls.flatMap((call, index): StreamEvent[] => [
    { type: 'callBegun', index, id: call.id, name: call.name },
    { type: 'callArguments', index, text: call.arguments },
    { type: 'callEnded', index },
  ]);
  return [
    ...(reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning } as const]),
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...called,
    ...(usage === undefined ? [] : [{ type: 'usage', usage } as const]),
    { type: 'stopped', reason, stopSequence },
  ];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Its answer isn't valid JSON, although it says so.");
  }
}

function invalid(what: string): RequestRefused {
  const message = `The engine sent something that is no answer. ${what} Its log may say why.`;
  return new RequestRefused({ status: 502, code: 'upstream_invalid', message });
}
