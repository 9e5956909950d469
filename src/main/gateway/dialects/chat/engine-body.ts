/** Writes the body of `chat/completions` for an engine: from the internal form, or into the client's own text. */
import type { Target } from '@shared/gateway/target';
import type {
  Conversation,
  OutputFormat,
  Sampling,
  ToolChoice,
} from '../../conversation/conversation';
import type { Quirks } from '../../conversation/quirks';
import { THINKING_FIELDS } from '../../conversation/thinking';
import { type Field, fieldOf, objectFields, rewriteFields } from '../../json/spans';
import { bodyFields, type Fields, objectOf } from './fields';
import { messagesText, toolsText } from './engine-lists';
import { writeMessage, writeTool } from './engine-message';

const SAMPLING_FIELDS: readonly (readonly [keyof Sampling, string])[] = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['topK', 'top_k'],
  ['minP', 'min_p'],
  ['seed', 'seed'],
  ['presencePenalty', 'presence_penalty'],
  ['frequencyPenalty', 'frequency_penalty'],
  ['stop', 'stop'],
];

/** Fields in which it is said how much to think, at the client's place or at the engine's. */
const THINKING: readonly string[] = [...THINKING_FIELDS, 'chat_template_kwargs'];

/**
 * The body for an engine from a prepared conversation, for clients that speak another dialect. A stream always asks
 * for its usage.
 *
 * @param conversation - as `prepareConversation` gave it
 */
export function chatRequest(
  conversation: Conversation,
  target: Pick<Target, 'requestModel'>,
  quirks: Quirks,
): string {
  const { tools, isStream, format } = conversation;
  const sampling = SAMPLING_FIELDS.map(([key, name]) => [name, conversation.sampling[key]]);
  return JSON.stringify({
    ...conversation.extra,
    model: target.requestModel,
    messages: conversation.messages.map(writeMessage),
    tools: tools.length === 0 ? undefined : tools.map(writeTool),
    tool_choice: writeToolChoice(conversation.toolChoice),
    parallel_tool_calls: quirks.parallelTools ? conversation.parallelTools : undefined,
    ...Object.fromEntries(sampling),
    max_tokens: conversation.maxTokens,
    response_format: format === undefined ? undefined : writeFormat(format),
    stream: isStream,
    stream_options: isStream ? { include_usage: true } : undefined,
  });
}

/**
 * The client's own text with only those fields changed that the engine, the template or the context need changed. A
 * stream always asks for its usage, for the record; the writer tells the client only where it asked too.
 *
 * @param text - the body as it came
 * @param body - the same, parsed
 * @param conversation - what `readChat` made of it
 * @param prepared - what `prepareConversation` made of that, `maxTokens` within the context
 * @param fields - of the text, where they were found before
 */
export function chatEdits(
  text: string,
  body: unknown,
  conversation: Conversation,
  prepared: Conversation,
  target: Pick<Target, 'requestModel'>,
  quirks: Quirks,
  fields: readonly Field[] = objectFields(text),
): string {
  const raw = bodyFields(body);
  const changes = new Map<string, string | undefined>();
  for (const key of Object.keys(raw))
    if ((raw[key] === null && !quirks.nulls) || quirks.withheld.has(key))
      changes.set(key, undefined);
  setWhereOther(changes, raw, 'model', target.requestModel);
  editLists(changes, text, fields, raw, conversation, prepared, quirks);
  editSampling(changes, raw, prepared.sampling, quirks);
  editMaxTokens(changes, raw, prepared.maxTokens, quirks);
  if (!quirks.isUnknown)
    for (const key of THINKING) setWhereOther(changes, raw, key, prepared.extra[key]);
  for (const key of Object.keys(quirks.always))
    setWhereOther(changes, raw, key, prepared.extra[key]);
  // A client that waits for the whole answer is answered from a stream too: an engine that is not read ends its work.
  if (prepared.isStream) setWhereOther(changes, raw, 'stream', true);
  if (prepared.isStream && objectOf(raw.stream_options)?.include_usage !== true)
    changes.set(
      'stream_options',
      JSON.stringify({ ...objectOf(raw.stream_options), include_usage: true }),
    );
  return rewriteFields(text, fields, changes);
}

function editLists(
  changes: Map<string, string | undefined>,
  text: string,
  fields: readonly Field[],
  raw: Fields,
  conversation: Conversation,
  prepared: Conversation,
  quirks: Quirks,
): void {
  const messages = fieldOf(fields, 'messages');
  if (messages !== undefined && Array.isArray(raw.messages)) {
    const written = messagesText(
      text,
      messages,
      raw.messages,
      conversation.messages,
      prepared.messages,
      quirks,
    );
    if (written !== undefined) changes.set('messages', written);
  }
  const tools = fieldOf(fields, 'tools');
  if (tools !== undefined && Array.isArray(raw.tools)) {
    if (prepared.tools.length === 0) changes.set('tools', undefined);
    else {
      const written = toolsText(text, tools, raw.tools, conversation.tools, prepared.tools);
      if (written !== undefined) changes.set('tools', written);
    }
  }
  setWhereOther(changes, raw, 'tool_choice', writeToolChoice(prepared.toolChoice));
}

function editSampling(
  changes: Map<string, string | undefined>,
  raw: Fields,
  sampling: Sampling,
  quirks: Quirks,
): void {
  for (const [key, name] of SAMPLING_FIELDS) {
    const value = sampling[key];
    if (value === undefined) continue;
    if (key !== 'stop') setWhereOther(changes, raw, name, value);
    else if (typeof raw.stop === 'string' && !quirks.stopString)
      changes.set('stop', JSON.stringify(value));
  }
}

/** The limit stands in the field that the client used, where the engine knows it. */
function editMaxTokens(
  changes: Map<string, string | undefined>,
  raw: Fields,
  maxTokens: number | undefined,
  quirks: Quirks,
): void {
  const isGiven = (key: string): boolean => raw[key] !== undefined && raw[key] !== null;
  const hasNewer = isGiven('max_completion_tokens');
  if (hasNewer)
    setWhereOther(
      changes,
      raw,
      'max_completion_tokens',
      quirks.maxCompletionTokens ? maxTokens : undefined,
    );
  if (isGiven('max_tokens') || !hasNewer || !quirks.maxCompletionTokens)
    setWhereOther(changes, raw, 'max_tokens', maxTokens);
}

/** Sets a field to a value, or takes it out, unless it is so already. */
function setWhereOther(
  changes: Map<string, string | undefined>,
  raw: Fields,
  key: string,
  value: unknown,
): void {
  const before = raw[key];
  if (before === value || ((before === null || before === undefined) && value === undefined))
    return;
  const written = value === undefined ? undefined : JSON.stringify(value);
  if (before !== undefined && JSON.stringify(before) === written) return;
  changes.set(key, written);
}

function writeToolChoice(choice: ToolChoice | undefined): unknown {
  return typeof choice === 'object'
    ? { type: 'function', function: { name: choice.name } }
    : choice;
}

function writeFormat(format: OutputFormat): unknown {
  if (format.kind === 'json') return { type: 'json_object' };
  const { name, schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, schema, strict } };
}
