/** Reads the body of `completions`, and writes the one for an engine. */
import type { Quirks } from '../../conversation/quirks';
import type { Sampling } from '../../conversation/conversation';
import { badField, RequestRefused } from '../../conversation/refusal';
import { objectFields, rewriteFields } from '../../json/spans';
import {
  bodyFields,
  optionalBoolean,
  optionalString,
  optionalTokens,
  refuse,
  requiredString,
} from './fields';
import { readSampling, readWantsUsage, refuseSeveral } from './read';

/** What a request for a text completion asks for. */
export interface TextCompletion {
  readonly model: string;
  /** Several are as many answers, which no engine gives in one. */
  readonly prompt: string;
  /** What is to follow the answer, for a model that fills a gap. */
  readonly suffix?: string | undefined;
  readonly maxTokens?: number | undefined;
  readonly sampling: Sampling;
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
}

/**
 * What a body of `completions` asks for.
 *
 * @throws RequestRefused that names the field, its value and what is allowed
 */
export function readCompletion(body: unknown): TextCompletion {
  const fields = bodyFields(body);
  refuseSeveral(fields.n);
  refuseSeveral(fields.best_of);
  return {
    model: requiredString(fields.model, 'model'),
    prompt: readPrompt(fields.prompt),
    suffix: optionalString(fields.suffix, 'suffix') || undefined,
    maxTokens: optionalTokens(fields.max_tokens, 'max_tokens'),
    sampling: readSampling(fields),
    isStream: optionalBoolean(fields.stream, 'stream') ?? false,
    wantsUsage: readWantsUsage(fields.stream_options),
  };
}

/**
 * The client's text with only those fields changed that the engine needs changed.
 *
 * @param maxTokens - of the answer, after the context's limit
 * @throws RequestRefused where the engine completes no texts or fills no gaps
 */
export function completionEdits(
  text: string,
  body: unknown,
  completion: TextCompletion,
  maxTokens: number | undefined,
  quirks: Quirks,
  requestModel: string,
): string {
  if (!quirks.completions)
    throw new RequestRefused({
      status: 400,
      code: 'unsupported_endpoint',
      message: `${quirks.engine} has no text completions: use chat/completions.`,
    });
  if (completion.suffix !== undefined && !quirks.suffix)
    throw badField('suffix', `${quirks.engine} does not fill in the middle: leave suffix out.`);
  const fields = bodyFields(body);
  const changes = new Map<string, string | undefined>();
  if (fields.model !== requestModel) changes.set('model', JSON.stringify(requestModel));
  if (typeof fields.prompt !== 'string') changes.set('prompt', JSON.stringify(completion.prompt));
  if (fields.max_tokens !== maxTokens) changes.set('max_tokens', jsonOf(maxTokens));
  if (fields.stop !== undefined && !quirks.stopString)
    changes.set('stop', jsonOf(completion.sampling.stop));
  // Always a stream with its usage, also for a client that waits for the whole answer.
  if (!completion.isStream) changes.set('stream', 'true');
  if (!completion.wantsUsage || !completion.isStream)
    changes.set('stream_options', '{"include_usage":true}');
  for (const key of Object.keys(fields))
    if (quirks.withheld.has(key) || (fields[key] === null && !quirks.nulls))
      changes.set(key, undefined);
  return rewriteFields(text, objectFields(text), changes);
}

function readPrompt(value: unknown): string {
  if (typeof value === 'string') return value;
  const only = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
  return typeof only === 'string'
    ? only
    : refuse('prompt', value, 'a string, or a list of one: send one request for each prompt');
}

const jsonOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);
