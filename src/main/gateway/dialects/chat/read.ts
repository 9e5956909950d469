/** Reads the body of `chat/completions`. */
import type {
  Conversation,
  OutputFormat,
  Sampling,
  Tool,
  ToolChoice,
} from '../../conversation/conversation';
import { badField, RequestRefused } from '../../conversation/refusal';
import { readThinking, THINKING_ARGUMENTS, THINKING_FIELDS } from '../../conversation/thinking';
import {
  bodyFields,
  type Fields,
  objectOf,
  optionalArray,
  optionalBoolean,
  optionalInteger,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalStrings,
  optionalTokens,
  refuse,
  requiredString,
} from './fields';
import { readMessages } from './read-messages';

/** Fields that the internal form has a place for; every other one is passed on as it came. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stop',
  'max_tokens',
  'max_completion_tokens',
  'response_format',
  'stream',
  'stream_options',
  'n',
  'chat_template_kwargs',
  ...THINKING_FIELDS,
]);

/**
 * The conversation that a body asks for. Its messages stand at the same places as the body's.
 *
 * @throws RequestRefused that names the field, its value and what is allowed
 */
export function readChat(body: unknown): Conversation {
  const fields = bodyFields(body);
  refuseWhatNobodyDoes(fields);
  const changes: string[] = [];
  const tools = readTools(fields.tools, changes);
  return {
    model: requiredString(fields.model, 'model'),
    messages: readMessages(fields.messages),
    tools,
    toolChoice: readToolChoice(fields.tool_choice, tools),
    parallelTools: optionalBoolean(fields.parallel_tool_calls, 'parallel_tool_calls'),
    sampling: readSampling(fields),
    maxTokens:
      optionalTokens(fields.max_completion_tokens, 'max_completion_tokens') ??
      optionalTokens(fields.max_tokens, 'max_tokens'),
    thinking: readThinking(fields),
    format: readFormat(fields.response_format),
    isStream: optionalBoolean(fields.stream, 'stream') ?? false,
    wantsUsage: readWantsUsage(fields.stream_options),
    extra: readExtra(fields),
    changes,
  };
}

/** Whether a stream is to end with its usage. */
export function readWantsUsage(value: unknown): boolean {
  const options = optionalObject(value, 'stream_options');
  return optionalBoolean(options?.include_usage, 'stream_options.include_usage') ?? false;
}

/** Numbers by which the next token is chosen. */
export function readSampling(fields: Fields): Sampling {
  return {
    temperature: optionalNumber(fields.temperature, 'temperature', 0),
    topP: optionalNumber(fields.top_p, 'top_p', 0, 1),
    // Some clients write -1 where they mean that it is off, which engines call 0.
    topK: fields.top_k === -1 ? 0 : optionalInteger(fields.top_k, 'top_k', 0),
    minP: optionalNumber(fields.min_p, 'min_p', 0, 1),
    seed: optionalInteger(fields.seed, 'seed'),
    presencePenalty: optionalNumber(fields.presence_penalty, 'presence_penalty'),
    frequencyPenalty: optionalNumber(fields.frequency_penalty, 'frequency_penalty'),
    stop: optionalStrings(fields.stop, 'stop'),
  };
}

/** @throws RequestRefused for more than one answer */
export function refuseSeveral(n: unknown): void {
  if (n === undefined || n === null || n === 1) return;
  throw new RequestRefused({
    status: 400,
    code: 'unsupported_value',
    message: `n is ${JSON.stringify(n)}, but only 1 is supported: send one request for each answer that you want.`,
    param: 'n',
  });
}

function refuseWhatNobodyDoes(fields: Fields): void {
  refuseSeveral(fields.n);
  if (Array.isArray(fields.functions) && fields.functions.length > 0)
    throw badField('functions', 'functions is the older form of tools: send them as tools.');
}

function readTools(value: unknown, changes: string[]): readonly Tool[] {
  return (optionalArray(value, 'tools') ?? []).flatMap((item, index) => {
    const param = `tools[${index}]`;
    const tool = objectOf(item) ?? refuse(param, item, 'an object');
    if (tool.type !== undefined && tool.type !== 'function') {
      changes.push(`tool ${requiredString(tool.type, `${param}.type`)} (no function)`);
      return [];
    }
    // Some clients leave out the level `function`.
    const named = objectOf(tool.function) ?? tool;
    return [
      {
        name: requiredString(named.name, `${param}.function.name`),
        description: optionalString(named.description, `${param}.function.description`),
        parameters: optionalObject(named.parameters, `${param}.function.parameters`),
        strict: optionalBoolean(named.strict, `${param}.function.strict`),
      },
    ];
  });
}

function readToolChoice(value: unknown, tools: readonly Tool[]): ToolChoice | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'auto' || value === 'none') return value;
  const choice = objectOf(value);
  if (value !== 'required' && choice === undefined)
    return refuse('tool_choice', value, 'auto, none, required or an object that names a function');
  if (tools.length === 0)
    throw badField('tool_choice', 'tool_choice asks for a tool, but tools has no function.');
  if (choice === undefined) return 'required';
  if (choice.type !== undefined && choice.type !== 'function')
    return refuse('tool_choice.type', choice.type, 'function');
  const named = objectOf(choice.function) ?? choice;
  const name = requiredString(named.name, 'tool_choice.function.name');
  if (!tools.some((tool) => tool.name === name))
    return refuse(
      'tool_choice.function.name',
      name,
      `the name of a tool: ${tools.map((tool) => tool.name).join(', ')}`,
    );
  return { name };
}

function readFormat(value: unknown): OutputFormat | undefined {
  const format = optionalObject(value, 'response_format');
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'json_object') return { kind: 'json' };
  if (format.type !== 'json_schema')
    return refuse('response_format.type', format.type, 'text, json_object or json_schema');
  const param = 'response_format.json_schema';
  const named = objectOf(format.json_schema) ?? refuse(param, format.json_schema, 'an object');
  return {
    kind: 'schema',
    name: optionalString(named.name, `${param}.name`) ?? 'response',
    schema: objectOf(named.schema) ?? refuse(`${param}.schema`, named.schema, 'an object'),
    strict: optionalBoolean(named.strict, `${param}.strict`),
  };
}

function readExtra(fields: Fields): Fields {
  const extra = Object.entries(fields).filter(
    ([key, value]) => !KNOWN.has(key) && value !== null && value !== undefined,
  );
  const kwargs = optionalObject(fields.chat_template_kwargs, 'chat_template_kwargs') ?? {};
  const rest = Object.entries(kwargs).filter(([key]) => !THINKING_ARGUMENTS.has(key));
  if (rest.length > 0) extra.push(['chat_template_kwargs', Object.fromEntries(rest)]);
  // `fromEntries` gives a key such as __proto__ no other meaning than any.
  return Object.fromEntries(extra);
}
