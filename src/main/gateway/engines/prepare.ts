/** Makes a conversation into one that an engine and its model's template can take, or refuses it with a sentence. */
import type { Target } from '@shared/gateway/target';
import type { Conversation, Message, Sampling, Tool } from '../conversation/conversation';
import type { Quirks } from '../conversation/quirks';
import { badField, RequestRefused } from '../conversation/refusal';
import { prepareMessages } from './prepare-messages';
import { thinkingFields } from './prepare-thinking';
import type { TemplateFacts } from './template-facts';

export interface Prepared {
  readonly conversation: Conversation;
  /** What was changed or left out, in words for the record; those of the reader first. */
  readonly changes: readonly string[];
}

/** How each field of sampling is called in a body. */
const SAMPLING_NAMES: Readonly<Record<keyof Sampling, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  stop: 'stop',
};

/**
 * The conversation as the engine takes it. Messages and tools that need no change stay the same objects, so that a
 * writer can keep the client's own bytes of them.
 *
 * @throws RequestRefused where something asked for cannot be kept: a schema, an image, a forced tool
 */
export function prepareConversation(
  conversation: Conversation,
  quirks: Quirks,
  template: TemplateFacts,
  target: Pick<Target, 'kind' | 'name'>,
): Prepared {
  refuseMedia(conversation.messages, quirks, target);
  const changes = [...conversation.changes];
  const format = checkedFormat(conversation, quirks, changes);
  const offered = offerTools(conversation, quirks, template, changes);
  const messages = prepareMessages(offered.messages, quirks, template, changes);
  const sampling = knownSampling(conversation.sampling, quirks, changes);
  const maxTokens = clampTokens(conversation.maxTokens, quirks, changes);
  const extra = {
    ...withoutWithheld(conversation.extra, quirks, changes),
    ...thinkingFields(conversation, quirks, template, changes),
    ...quirks.always,
  };
  return {
    conversation: {
      ...conversation,
      messages,
      tools: offered.tools,
      toolChoice: offered.toolChoice,
      parallelTools: quirks.parallelTools ? conversation.parallelTools : undefined,
      sampling,
      maxTokens,
      format,
      extra,
      changes,
    },
    changes,
  };
}

function refuseMedia(
  messages: readonly Message[],
  quirks: Quirks,
  target: Pick<Target, 'kind' | 'name'>,
): void {
  for (const [index, message] of messages.entries()) {
    for (const part of message.parts) {
      const param = `messages[${index}].content`;
      if (part.kind === 'image' && (target.kind === 'text' || !quirks.images))
        throw badField(param, `${target.name} reads text only, but ${param} has an image.`);
      if (part.kind === 'audio' && (target.kind === 'text' || !quirks.audio))
        throw badField(param, `${target.name} can't listen, but ${param} has audio.`);
    }
  }
}

function checkedFormat(
  { format }: Conversation,
  quirks: Quirks,
  changes: string[],
): Conversation['format'] {
  if (format?.kind === 'schema' && !quirks.schema)
    throw new RequestRefused({
      status: 400,
      code: 'unsupported_value',
      message: `${quirks.engine} doesn't enforce JSON schemas, so the answer might not match this one. Use a profile with mlx-vlm, vllm-mlx or mlx-openai-server, or ask for response_format json_object and put the schema into the prompt.`,
      param: 'response_format',
    });
  if (format?.kind === 'json' && !quirks.json)
    changes.push(`response_format json_object (${quirks.engine} doesn't enforce it)`);
  return format;
}

interface Offered {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: Conversation['toolChoice'];
}

/**
 * The tools, and who must be called. An engine without forced calls gets what the others do by themselves: only the
 * named tool, and a sentence at the end that says that it must be called.
 */
function offerTools(
  { messages, tools, toolChoice, parallelTools }: Conversation,
  quirks: Quirks,
  template: TemplateFacts,
  changes: string[],
): Offered {
  if (tools.length === 0) return { messages, tools, toolChoice: undefined };
  if (template.isKnown && !template.tools && !quirks.isUnknown)
    changes.push(`${tools.length} tools (the model's template does not mention tools)`);
  if (parallelTools !== undefined && !quirks.parallelTools)
    changes.push(`parallel_tool_calls ${parallelTools} (${quirks.engine} doesn't support it)`);
  const left = quirks.needsAuto ? 'auto' : undefined;
  if (quirks.toolChoice || toolChoice === undefined || toolChoice === 'auto')
    return { messages, tools, toolChoice: toolChoice ?? left };
  if (toolChoice === 'none') {
    changes.push(`${tools.length} tools (tool_choice is none)`);
    return { messages, tools: [], toolChoice: undefined };
  }
  const name = toolChoice === 'required' ? undefined : toolChoice.name;
  const called = name === undefined ? 'one of the tools' : `the tool ${name}`;
  changes.push(`tool_choice became a sentence at the end (call ${called})`);
  return {
    messages: [
      ...messages,
      {
        role: 'system',
        parts: [{ kind: 'text', text: `Call ${called} now. Do not answer in words.` }],
      },
    ],
    tools: name === undefined ? tools : tools.filter((tool) => tool.name === name),
    toolChoice: left,
  };
}

function knownSampling(sampling: Sampling, quirks: Quirks, changes: string[]): Sampling {
  const keys = Object.keys(SAMPLING_NAMES) as (keyof Sampling)[];
  const unknown = keys.filter((key) => sampling[key] !== undefined && !quirks.sampling.has(key));
  if (unknown.length === 0) return sampling;
  for (const key of unknown)
    changes.push(`${SAMPLING_NAMES[key]} (${quirks.engine} doesn't support it)`);
  const known: { -readonly [Key in keyof Sampling]: Sampling[Key] } = { ...sampling };
  for (const key of unknown) known[key] = undefined;
  return known;
}

function clampTokens(
  maxTokens: number | undefined,
  { mostTokens, engine }: Quirks,
  changes: string[],
): number | undefined {
  if (maxTokens === undefined || mostTokens === undefined || maxTokens <= mostTokens)
    return maxTokens;
  changes.push(`max_tokens ${maxTokens} became ${mostTokens} (${engine} takes no more)`);
  return mostTokens;
}

function withoutWithheld(
  extra: Conversation['extra'],
  quirks: Quirks,
  changes: string[],
): Conversation['extra'] {
  const withheld = Object.keys(extra).filter((key) => quirks.withheld.has(key));
  if (withheld.length === 0) return extra;
  for (const key of withheld) changes.push(`${key} (it changes more than this request)`);
  return Object.fromEntries(Object.entries(extra).filter(([key]) => !quirks.withheld.has(key)));
}
