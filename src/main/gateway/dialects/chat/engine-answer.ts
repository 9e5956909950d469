/** Reads a whole answer of an engine, from `chat/completions` or `completions`. */
import type { Answer, StreamFailure } from '../../conversation/stream-event';
import { failureIn } from './engine-error';
import { readUsage, stopReason } from './engine-usage';
import { type Fields, objectOf } from './fields';

export type EngineAnswer =
  | { readonly answer: Answer; readonly failure?: undefined }
  | { readonly failure: StreamFailure; readonly answer?: undefined };

/**
 * The answer in an engine's JSON, or how it failed: some engines tell a failure with status 200.
 *
 * @param id - unique for this answer, in ids of calls for which the engine has none
 */
export function readEngineAnswer(json: unknown, id: string): EngineAnswer {
  const failure = failureIn(json);
  if (failure !== undefined) return { failure };
  const fields = objectOf(json);
  const choices = fields?.choices;
  const choice = Array.isArray(choices) ? objectOf(choices[0]) : undefined;
  if (fields === undefined || choice === undefined)
    return { failure: invalid('an answer without choices') };
  if (choice.finish_reason === 'error')
    return { failure: invalid('an answer that ended with an error and no reason') };
  const message = objectOf(choice.message);
  const calls = readCalls(message?.tool_calls, id);
  if (calls === undefined) return { failure: invalid('a tool call without a name') };
  const reasoning = message?.reasoning_content ?? message?.reasoning;
  const stop = choice.stop_reason;
  const reason = typeof choice.finish_reason === 'string' ? choice.finish_reason : 'stop';
  return {
    answer: {
      text: stringOf(message?.content ?? choice.text),
      ...(typeof reasoning === 'string' && reasoning !== '' ? { reasoning } : {}),
      calls,
      reason: stopReason(reason, calls.length > 0),
      ...(typeof stop === 'string' && stop !== '' ? { stopSequence: stop } : {}),
      usage: readUsage(fields.usage),
    },
  };
}

/** Undefined where one has no name. */
function readCalls(value: unknown, id: string): Answer['calls'] | undefined {
  if (!Array.isArray(value)) return [];
  const calls = value.map((item: unknown, index) => {
    const call: Fields = objectOf(item) ?? {};
    const called = objectOf(call.function) ?? call;
    return {
      id: stringOf(call.id) || `call_${id}_${index}`,
      name: stringOf(called.name),
      arguments:
        objectOf(called.arguments) === undefined
          ? stringOf(called.arguments)
          : JSON.stringify(called.arguments),
    };
  });
  return calls.every((call) => call.name !== '') ? calls : undefined;
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function invalid(what: string): StreamFailure {
  return { code: 'upstream_invalid', message: `The engine sent ${what}. Its log may say why.` };
}
