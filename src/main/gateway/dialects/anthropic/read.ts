/**
 * A request of Anthropic's Messages dialect, into the one form in which every request is understood.
 *
 * | of a request | is |
 * | --- | --- |
 * | `model`, `messages`, `system`, `tools` with an `input_schema`, `tool_choice`, `max_tokens`, `stop_sequences`, `temperature`, `top_p`, `top_k`, `stream` | kept |
 * | a string or blocks with the same text | the same |
 * | messages of role `system`, wherever they stand | kept in place |
 * | `tool_result` within a user's message | a message of its own, with the tool's name from its call |
 * | `thinking` blocks | the message's reasoning |
 * | `document` and `search_result` with text | text between tags |
 * | `thinking`, `output_config.effort` | one of the levels of thinking |
 * | `output_config.format`, `output_format` | the output format |
 * | `tool_reference`, `tool_addition`, `tool_removal`, `defer_loading` | which tools are offered now |
 * | `max_tokens: 0` (fills the cache only) | 1, named |
 * | a `system` message with `clear_at: next_user_message` | left out once a user's message follows, as it asks |
 * | tools without a schema, deferred tools that nothing has loaded, blocks of a provider's own in earlier answers, `redacted_thinking`, an effort per turn, Claude Code's attribution line, `compaction`, `context_management`, `mcp_servers`, `container`, `fallbacks` | left out, named |
 * | PDF documents and files by id, beside tools | a line that says so, named |
 * | PDF documents and files by id, without tools | refused |
 * | `cache_control`, `metadata`, `betas`, `service_tier` and others that change no answer, signatures, citations | ignored |
 * | fields that the dialect does not have | passed on |
 * | a `thread` that goes on from an earlier answer | refused |
 * | unknown roles, blocks of a user and kinds of `tool_choice`, numbers out of range, a forced tool that cannot be called | refused |
 */
import type { Conversation, OutputFormat, Sampling } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  clipped,
  type Fields,
  isGiven,
  isObject,
  type Note,
  optional,
  readArray,
  readBoolean,
  readName,
  readNumber,
  readObject,
  refuseTooDeep,
  shown,
} from './fields';
import { readMessageList, readSystem } from './read-conversation';
import { readOwnThinking } from './read-thinking';
import { readToolChoice, readTools } from './read-tools';

/** Fields that are read here. */
const READ = [
  'max_tokens',
  'messages',
  'model',
  'output_config',
  'output_format',
  'stop_sequences',
  'stream',
  'system',
  'temperature',
  'thinking',
  'tool_choice',
  'tools',
  'top_k',
  'top_p',
];

/** Fields that change no answer: who asks, who pays, where it is computed, what is cached. */
const WITHOUT_EFFECT = [
  'anthropic_beta',
  'anthropic_version',
  'billing_policy',
  'betas',
  'cache_control',
  'diagnostics',
  'fallback_credit_token',
  'inference_geo',
  'metadata',
  'service_tier',
  'speed',
  'user_profile_id',
  'workspace_id',
];

/** Fields that would change an answer and cannot here, with the reason for the record. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['compaction', 'done by the provider'],
  ['container', 'runs at the provider'],
  ['context_management', 'done by the provider'],
  ['fallbacks', 'models of the provider'],
  ['mcp_servers', 'called by the provider'],
  ['thread', 'kept by the provider'],
]);

/** Changes that are named one by one. */
const MAX_CHANGES = 50;

const OWN: ReadonlySet<string> = new Set([...READ, ...WITHOUT_EFFECT, ...LEFT_OUT.keys()]);

/** The body of `POST /v1/messages`. Throws RequestRefused, which names the field. */
export function readMessages(body: unknown): Conversation {
  return readBody(body, (request, note) => readMaxTokens(request.max_tokens, note));
}

/** The body of `POST /v1/messages/count_tokens`, which is the same without `max_tokens`. */
export function readCountTokens(body: unknown): Conversation {
  return readBody(body, () => undefined);
}

function readBody(
  body: unknown,
  readLimit: (request: Fields, note: Note) => number | undefined,
): Conversation {
  refuseTooDeep(body);
  const request = readObject(body, 'body');
  const changes = new Set<string>();
  const note: Note = (change) => changes.add(change);
  refuseThread(request.thread);
  const model = readName(request.model, 'model');
  const reading = { note, hasTools: Array.isArray(request.tools) && request.tools.length > 0 };
  const system = readSystem(request.system, reading);
  const { messages, toolChanges } = readMessageList(request.messages, reading);
  const tools = readTools(request.tools, toolChanges, note);
  const maxTokens = readLimit(request, note);
  const output = readOutputConfig(request.output_config, note);
  const thinking = readOwnThinking(request.thinking, output.effort, note);
  const format =
    readFormat(output.format, 'output_config.format') ??
    readFormat(request.output_format, 'output_format');
  for (const [field, why] of LEFT_OUT) if (isAsked(request[field])) note(`${field} (${why})`);
  return {
    model,
    messages: [...system, ...messages],
    tools,
    ...readToolChoice(request.tool_choice, tools),
    sampling: readSampling(request),
    maxTokens,
    thinking,
    format,
    isStream: optional(request.stream, (value) => readBoolean(value, 'stream')) ?? false,
    wantsUsage: true,
    extra: readExtra(request),
    changes: bounded([...changes]),
  };
}

/** A conversation that goes on from an earlier answer has its beginning at the provider. */
function refuseThread(value: unknown): void {
  if (!isObject(value) || value.type !== 'continue') return;
  throw badField(
    'thread.type',
    'thread.type "continue" cannot be used here: no conversation is kept, send all of its messages.',
  );
}

/** Needed by the dialect. 0 asks to read the prompt only, for the cache; the least that an engine writes is 1. */
function readMaxTokens(value: unknown, note: Note): number {
  if (!isGiven(value)) {
    throw badField(
      'max_tokens',
      'max_tokens is missing: say how many tokens the answer may have at most, e.g. 4096.',
    );
  }
  const limit = readNumber(value, 'max_tokens', { min: 0, isWhole: true });
  if (limit === 0) note('max_tokens 0 became 1');
  return Math.max(1, limit);
}

function readSampling(request: Fields): Sampling {
  const stop = optional(request.stop_sequences, (value) =>
    readArray(value, 'stop_sequences').map((word, index) =>
      readName(word, `stop_sequences.${index}`),
    ),
  );
  return {
    temperature: optional(request.temperature, (value) =>
      readNumber(value, 'temperature', { min: 0, max: 2 }),
    ),
    topP: optional(request.top_p, (value) => readNumber(value, 'top_p', { min: 0, max: 1 })),
    topK: optional(request.top_k, (value) => readNumber(value, 'top_k', { min: 0, isWhole: true })),
    stop: stop?.length === 0 ? undefined : stop,
  };
}

function readOutputConfig(value: unknown, note: Note): Fields {
  if (!isGiven(value)) return {};
  const config = readObject(value, 'output_config');
  for (const name of Object.keys(config)) {
    if (name !== 'effort' && name !== 'format') note(`output_config.${clipped(name)} (not known)`);
  }
  return config;
}

function readFormat(value: unknown, at: string): OutputFormat | undefined {
  if (!isGiven(value)) return undefined;
  const format = readObject(value, at);
  if (format.type !== 'json_schema') {
    throw badField(`${at}.type`, `${at}.type must be json_schema, not ${shown(format.type)}.`);
  }
  // The dialect has no name for it, other dialects need one; it always binds.
  const schema = readObject(format.schema, `${at}.schema`);
  return { kind: 'schema', name: 'answer', schema, strict: true };
}

/** Fields that no dialect of Anthropic's has, such as a switch of an engine or of a template. */
function readExtra(request: Fields): Readonly<Record<string, unknown>> {
  // Also such a field as `__proto__` becomes a field of its own here, never a prototype.
  return Object.fromEntries(Object.entries(request).filter(([name]) => !OWN.has(name)));
}

/** A record has room for so many changes; a stranger can cause any number. */
function bounded(changes: readonly string[]): readonly string[] {
  if (changes.length <= MAX_CHANGES) return changes;
  return [...changes.slice(0, MAX_CHANGES), `and ${changes.length - MAX_CHANGES} more changes`];
}

/** An empty list asks for nothing. */
function isAsked(value: unknown): boolean {
  return isGiven(value) && !(Array.isArray(value) && value.length === 0);
}
