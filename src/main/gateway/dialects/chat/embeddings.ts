/** Embeddings: what is asked, what an engine is asked, and the answer in the encoding that was asked for. */
import type { Quirks } from '../../conversation/quirks';
import { RequestRefused } from '../../conversation/refusal';
import { objectFields, rewriteFields } from '../../json/spans';
import { bodyFields, objectOf, optionalInteger, refuse, requiredString } from './fields';

export type EncodingFormat = 'float' | 'base64';

export interface EmbeddingRequest {
  readonly model: string;
  /** Texts, or texts as the numbers of their tokens. */
  readonly input:
    | { readonly kind: 'texts'; readonly texts: readonly string[] }
    | { readonly kind: 'tokens'; readonly tokens: readonly (readonly number[])[] };
  readonly encodingFormat: EncodingFormat;
  readonly dimensions?: number | undefined;
}

/** The answer to a request for embeddings, as the dialect writes it. */
export interface EmbeddingsAnswer {
  readonly object: 'list';
  readonly data: readonly {
    readonly object: 'embedding';
    readonly index: number;
    readonly embedding: readonly number[] | string;
  }[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/** @throws RequestRefused that names the field, its value and what is allowed */
export function readEmbedding(body: unknown): EmbeddingRequest {
  const fields = bodyFields(body);
  return {
    model: requiredString(fields.model, 'model'),
    input: readInput(fields.input),
    encodingFormat: readEncoding(fields.encoding_format),
    dimensions: optionalInteger(fields.dimensions, 'dimensions', 1),
  };
}

/**
 * The client's text with only those fields changed that the engine needs changed: it is always asked for numbers,
 * which become what the client wants in `embeddingsAnswer`.
 *
 * @throws RequestRefused for tokens where the engine takes only texts
 */
export function embeddingEdits(
  text: string,
  body: unknown,
  request: EmbeddingRequest,
  quirks: Quirks,
  requestModel: string,
): string {
  if (request.input.kind === 'tokens' && !quirks.tokenInput)
    throw new RequestRefused({
      status: 400,
      code: 'unsupported_value',
      message: `input is a list of token numbers, but ${quirks.engine} takes texts: send the text itself.`,
      param: 'input',
    });
  const fields = bodyFields(body);
  const changes = new Map<string, string | undefined>();
  if (fields.model !== requestModel) changes.set('model', JSON.stringify(requestModel));
  if (fields.encoding_format !== undefined && fields.encoding_format !== 'float')
    changes.set('encoding_format', '"float"');
  for (const key of Object.keys(fields))
    if (fields[key] === null && !quirks.nulls && key !== 'encoding_format')
      changes.set(key, undefined);
  return rewriteFields(text, objectFields(text), changes);
}

/**
 * The engine's answer in the encoding that the client asked for: base64 is little-endian 32-bit floats, which the
 * official libraries ask for unasked and decode.
 *
 * @param model - the name that was asked for
 * @throws RequestRefused (502) where the engine's answer has no embeddings
 */
export function embeddingsAnswer(
  engineJson: unknown,
  encodingFormat: EncodingFormat,
  model: string,
): EmbeddingsAnswer {
  const answer = objectOf(engineJson);
  if (answer === undefined || !Array.isArray(answer.data)) throw noEmbeddings();
  const usage = objectOf(answer.usage);
  const promptTokens = countOf(usage?.prompt_tokens);
  return {
    object: 'list',
    data: answer.data.map((item: unknown, index) => ({
      object: 'embedding',
      index,
      embedding: encode(objectOf(item)?.embedding, encodingFormat),
    })),
    model,
    usage: {
      prompt_tokens: promptTokens,
      total_tokens: usage?.total_tokens === undefined ? promptTokens : countOf(usage.total_tokens),
    },
  };
}

function encode(value: unknown, format: EncodingFormat): readonly number[] | string {
  if (typeof value === 'string') return format === 'base64' ? value : floatsOf(value);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number'))
    throw noEmbeddings();
  return format === 'float' ? value : base64Of(value);
}

function base64Of(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    bytes.writeFloatLE(number, index * 4);
  });
  return bytes.toString('base64');
}

function floatsOf(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % 4 !== 0) throw noEmbeddings();
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

function readInput(value: unknown): EmbeddingRequest['input'] {
  if (typeof value === 'string') return { kind: 'texts', texts: [value] };
  if (Array.isArray(value) && value.length > 0) {
    const list: readonly unknown[] = value;
    if (list.every((item) => typeof item === 'string')) return { kind: 'texts', texts: list };
    if (list.every(isTokens)) return { kind: 'tokens', tokens: list };
    if (isTokens(list)) return { kind: 'tokens', tokens: [list] };
  }
  return refuse('input', value, 'a string, a list of strings, or lists of token numbers');
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function readEncoding(value: unknown): EncodingFormat {
  if (value === undefined || value === null) return 'float';
  return value === 'float' || value === 'base64'
    ? value
    : refuse('encoding_format', value, 'float or base64');
}

function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

function noEmbeddings(): RequestRefused {
  return new RequestRefused({
    status: 502,
    code: 'upstream_invalid',
    message: 'The engine answered without embeddings. Its log may say why.',
  });
}
