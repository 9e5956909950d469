import type { Conversation } from '../../conversation/conversation';
import { badField, RequestRefused } from '../../conversation/refusal';
import { echoOf } from './echo';
import {
  asFields,
  type Fields,
  isFields,
  neededString,
  optionalArray,
  optionalBoolean,
  optionalNumber,
  optionalString,
  shown,
} from './fields';
import { type PlacedItem, readItems, referenceIn } from './items';
import { measure } from './measure';
import { ENGINE_SAMPLING, readFormat, readSampling, readThinking } from './settings';
import { nameTools, type ToolNames } from './tool-names';
import { readToolChoice, readTools } from './tools';
import type { ResponseEcho } from './wire';

/** What was said so far, up to and with one answer or in one conversation. */
export interface StoredHistory {
  /** Items as they came and as they were answered, the first one first. */
  readonly items: readonly unknown[];
}

/** An item of an earlier answer. */
export interface StoredItem {
  readonly item: unknown;
}

/** What a request may name of what its sender said before; undefined where nothing is kept under an id. */
export interface LookUp {
  response(id: string): StoredHistory | undefined;
  conversation(id: string): StoredHistory | undefined;
  item(id: string): StoredItem | undefined;
}

/** A request as its answer and the store need it. */
export interface ResponsesRequest {
  readonly conversation: Conversation;
  readonly tools: ToolNames;
  /** What the answer repeats. */
  readonly echo: ResponseEcho;
  /** The items of this request alone, references resolved. */
  readonly input: readonly unknown[];
}

/** A schema nests two levels for each of its own; what is deeper is no request. */
const DEEPEST = 128;

/** Fields that are read, repeated, or of no meaning to a model on this machine. */
const KNOWN = new Set<string>([
  ...['model', 'input', 'instructions', 'previous_response_id', 'conversation', 'prompt'],
  ...['tools', 'tool_choice', 'parallel_tool_calls', 'max_tool_calls'],
  ...['reasoning', 'text', 'max_output_tokens', 'temperature', 'top_p', 'truncation'],
  ...['stream', 'stream_options', 'store', 'include', 'background', 'top_logprobs', 'metadata'],
  ...['prompt_cache_key', 'prompt_cache_retention', 'prompt_cache_options', 'client_metadata'],
  ...['user', 'safety_identifier', 'service_tier', 'context_management', 'moderation'],
  ...['access_programs', 'background_options', 'image'],
  ...ENGINE_SAMPLING,
]);

/**
 * Reads the body of `POST /v1/responses` (OpenAI's API reference, "Create a model response").
 * @throws RequestRefused that names the field: 400, or 404 where it names something that is not kept.
 */
export function readResponses(body: unknown, lookUp: LookUp): ResponsesRequest {
  const fields = bodyFields(body);
  const tools = readTools(fields);
  const { choice, tools: offered } = readToolChoice(fields, tools);
  const history = readHistory(fields, lookUp);
  const input = readInput(fields, history, lookUp);
  const said = readItems([...instructionItems(fields), ...history, ...input], tools.names);
  if (said.messages.length === 0) {
    throw badField('input', 'input must be a string or an array with at least one message.');
  }
  const { thinking, changes: lessThinking } = readThinking(fields);
  return {
    conversation: {
      model: neededString(fields, 'model'),
      messages: said.messages,
      tools: offered,
      toolChoice: choice,
      parallelTools: optionalBoolean(fields, 'parallel_tool_calls'),
      sampling: readSampling(fields),
      maxTokens: optionalNumber(fields, 'max_output_tokens', { min: 1, isWhole: true }),
      thinking,
      format: readFormat(fields),
      isStream: optionalBoolean(fields, 'stream') ?? false,
      wantsUsage: true,
      extra: Object.fromEntries(Object.entries(fields).filter(([name]) => isExtra(name))),
      changes: [...tools.changes, ...said.changes, ...lessThinking, ...notKept(fields)],
    },
    tools: tools.names,
    echo: echoOf(fields, tools.kept, conversationId(fields)),
    input: input.map(({ item }) => item),
  };
}

/** Reads the body of `POST /v1/conversations`: the items that it begins with. */
export function readConversation(body: unknown): readonly unknown[] {
  const items = optionalArray(bodyFields(body), 'items') ?? [];
  // What cannot be read now could not be read later either.
  readItems(placed(items, 'items'), nameTools([]));
  return items;
}

function bodyFields(body: unknown): Fields {
  if (!isFields(body)) {
    const message = `The body must be a JSON object; got ${shown(body)}.`;
    throw new RequestRefused({ status: 400, code: 'invalid_value', message });
  }
  const { depth } = measure(body);
  if (depth > DEEPEST) {
    const message = `The body must not nest deeper than ${DEEPEST} levels; it has ${depth}.`;
    throw new RequestRefused({ status: 400, code: 'invalid_value', message });
  }
  if (optionalBoolean(body, 'background')) {
    throw badField('background', 'background must be false: an answer ends with its connection.');
  }
  if ((body.prompt ?? undefined) !== undefined) {
    throw badField('prompt', 'prompt names a template at OpenAI. Send input instead.');
  }
  return body;
}

/** They hold for one request only, so they are no part of what is kept. */
function instructionItems(body: Fields): readonly PlacedItem[] {
  const value = body.instructions ?? undefined;
  if (Array.isArray(value)) return placed(value, 'instructions');
  const text = optionalString(body, 'instructions');
  return text ? [{ item: { role: 'system', content: text }, at: 'instructions' }] : [];
}

function readHistory(body: Fields, lookUp: LookUp): readonly PlacedItem[] {
  const previous = optionalString(body, 'previous_response_id');
  const conversation = conversationId(body);
  if (previous !== undefined && conversation !== undefined) {
    throw badField(
      'previous_response_id',
      'previous_response_id and conversation exclude each other: send one of them.',
    );
  }
  if (previous !== undefined) {
    const found = lookUp.response(previous);
    if (found) return placed(found.items, 'previous_response_id');
    throw notFound(
      'previous_response_id',
      'previous_response_not_found',
      `Previous response with id ${shown(previous)} not found. It was not stored, was deleted, or is too old: send the whole conversation as input.`,
    );
  }
  if (conversation === undefined) return [];
  const found = lookUp.conversation(conversation);
  if (found) return placed(found.items, 'conversation');
  throw notFound(
    'conversation',
    'conversation_not_found',
    `Conversation with id ${shown(conversation)} not found. It was never made, was deleted, or is too old.`,
  );
}

/** `conversation` is an id or an object with one. */
function conversationId(body: Fields): string | undefined {
  if (isFields(body.conversation)) return neededString(body.conversation, 'id', 'conversation');
  return optionalString(body, 'conversation');
}

/** The items of `input` with what they refer to; an empty text is a message too, which Codex sends to wake a model. */
function readInput(
  body: Fields,
  history: readonly PlacedItem[],
  lookUp: LookUp,
): readonly PlacedItem[] {
  const value = body.input ?? undefined;
  if (typeof value === 'string') {
    return [{ item: { type: 'message', role: 'user', content: value }, at: 'input' }];
  }
  if (value === undefined && history.length > 0) return [];
  if (!Array.isArray(value)) {
    throw badField('input', `input must be a string or an array of items; got ${shown(value)}.`);
  }
  const said = new Set(history.map(({ item }) => isFields(item) && item.id));
  return placed(optionalArray(body, 'input') ?? [], 'input').flatMap(({ item, at }) => {
    const id = referenceIn(item);
    if (id === undefined) return { item: asFields(item, at), at };
    // The history has it already, in its place.
    if (said.has(id)) return [];
    const found = lookUp.item(id);
    if (found) return { item: found.item, at };
    throw notFound(
      'input',
      'item_not_found',
      `Item with id ${shown(id)} not found (${at}). Items are not kept when store is false, and not forever: send the item itself, or leave it out.`,
    );
  });
}

const placed = (items: readonly unknown[], at: string): readonly PlacedItem[] =>
  items.map((item, index) => ({ item, at: `${at}[${index}]` }));

const notFound = (param: string, code: string, message: string): RequestRefused =>
  new RequestRefused({ status: 404, code, message, param });

const isExtra = (name: string): boolean => !KNOWN.has(name) && name !== '__proto__';

/** What is asked for and has no counterpart here. */
function notKept(body: Fields): readonly string[] {
  const include = (optionalArray(body, 'include') ?? []).includes('message.output_text.logprobs');
  const logprobs = include || optionalNumber(body, 'top_logprobs', { min: 0 });
  const isCut = optionalString(body, 'truncation') === 'auto';
  return [
    ...(logprobs ? ['top_logprobs (not told in this dialect)'] : []),
    ...(isCut ? ['truncation auto (a conversation is never cut)'] : []),
  ];
}
