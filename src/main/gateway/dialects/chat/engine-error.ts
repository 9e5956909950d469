/** What an engine says where it fails, in the many forms that engines have for it. */
import type { Refusal } from '../../conversation/refusal';
import type { StreamFailure } from '../../conversation/stream-event';
import { objectOf } from './fields';

const LONGEST_SENTENCE = 600;

/**
 * The failure that a JSON value of an engine tells: `{error: "..."}`, `{error: {message, code}}`, `{object: "error",
 * message}`, `{detail}`; undefined where it tells none.
 */
export function failureIn(value: unknown): StreamFailure | undefined {
  const answer = objectOf(value);
  if (answer === undefined) return undefined;
  if (answer.error !== undefined && answer.error !== null && answer.error !== false)
    return failureOf(answer.error);
  if (answer.object === 'error' || answer.type === 'error') return failureOf(answer);
  if (answer.detail !== undefined && answer.choices === undefined) return failureOf(answer.detail);
  return undefined;
}

/**
 * Why an engine refused a request, from its status and body, as a client is told. What the request is to blame for
 * keeps 400; everything else is the engine's and becomes 502, a 404 too, since the profile that was asked for exists.
 */
export function engineRefusal(status: number, bodyText: string, engine: string): Refusal {
  const failure = failureIn(parsed(bodyText));
  const said = failure?.message ?? shorten(bodyText.trim());
  const isRequest = status === 400 || status === 413 || status === 422;
  const isBusy = status === 429 || status === 503;
  const message =
    said === ''
      ? `${engine} answered with status ${status} and no reason.`
      : `${engine} answered with status ${status}: ${said}`;
  return {
    status: isRequest ? 400 : isBusy ? 503 : 502,
    code: isRequest ? 'invalid_value' : isBusy ? 'upstream_busy' : 'upstream_error',
    message,
  };
}

function failureOf(value: unknown): StreamFailure {
  const outer = objectOf(value);
  // FastAPI wraps the error of its program once more.
  const inner = objectOf(outer?.error) ?? objectOf(outer?.detail);
  const error = inner ?? outer;
  const code = error?.code;
  return {
    message: shorten(sentenceOf(inner ?? value)),
    code: typeof code === 'string' && /^[a-z][\w.-]*$/i.test(code) ? code : 'upstream_error',
  };
}

function sentenceOf(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  const error = objectOf(value);
  for (const text of [error?.message, error?.msg, error?.error, error?.detail])
    if (typeof text === 'string' && text !== '') return text;
  // A list of what is wrong with each field.
  if (Array.isArray(value) && value.length > 0)
    return value
      .slice(0, 3)
      .map((item) => {
        const fault = objectOf(item);
        const place = fault?.loc;
        const at = Array.isArray(place) ? `${place.map(String).join('.')}: ` : '';
        return `${at}${typeof fault?.msg === 'string' ? fault.msg : 'wrong'}`;
      })
      .join('; ');
  return 'The engine failed and gave no reason.';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Engines also answer in plain text, which is then told as it is.
    return undefined;
  }
}

function shorten(text: string): string {
  return text.length > LONGEST_SENTENCE ? `${text.slice(0, LONGEST_SENTENCE)}...` : text;
}
