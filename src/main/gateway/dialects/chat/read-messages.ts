/** Reads the messages of chat completions. Each one becomes one message, so that both stand at the same place. */
import type { Message, Part, ToolCall } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  type Fields,
  objectOf,
  optionalArray,
  optionalBoolean,
  optionalString,
  refuse,
  requiredString,
} from './fields';

const ROLES = 'system, developer, user, assistant or tool';

/** @throws RequestRefused that names the message and the field */
export function readMessages(value: unknown): readonly Message[] {
  const messages = optionalArray(value, 'messages') ?? refuse('messages', value, 'a list');
  if (messages.length === 0)
    throw badField('messages', 'messages is empty: it must have at least one message.');
  return messages.map((message, index) => {
    const param = `messages[${index}]`;
    return readMessage(objectOf(message) ?? refuse(param, message, 'an object'), param);
  });
}

function readMessage(message: Fields, param: string): Message {
  const parts = readParts(message.content, `${param}.content`);
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', parts };
    case 'user':
      return { role: 'user', parts };
    case 'assistant':
      return {
        role: 'assistant',
        parts,
        reasoning: readReasoning(message, param),
        calls: readCalls(message.tool_calls, `${param}.tool_calls`),
      };
    case 'tool':
      return {
        role: 'tool',
        // Templates need no id, and some clients send none.
        callId: optionalString(message.tool_call_id, `${param}.tool_call_id`) ?? '',
        name: optionalString(message.name, `${param}.name`),
        parts,
        isError: optionalBoolean(message.is_error, `${param}.is_error`),
      };
    default:
      return refuse(`${param}.role`, message.role, ROLES);
  }
}

/** Engines and clients name it either way; whoever sends both sends the same text twice. */
function readReasoning(message: Fields, param: string): string | undefined {
  const text =
    optionalString(message.reasoning_content, `${param}.reasoning_content`) ??
    optionalString(message.reasoning, `${param}.reasoning`);
  return text === '' ? undefined : text;
}

function readCalls(value: unknown, param: string): readonly ToolCall[] {
  return (optionalArray(value, param) ?? []).map((item, index) => {
    const at = `${param}[${index}]`;
    const call = objectOf(item) ?? refuse(at, item, 'an object');
    const called = objectOf(call.function) ?? refuse(`${at}.function`, call.function, 'an object');
    return {
      id: optionalString(call.id, `${at}.id`) ?? '',
      name: requiredString(called.name, `${at}.function.name`),
      arguments: readArguments(called.arguments, `${at}.function.arguments`),
    };
  });
}

/** A JSON text; some clients send the object itself. */
function readArguments(value: unknown, param: string): string {
  if (objectOf(value) !== undefined) return JSON.stringify(value);
  return optionalString(value, param) ?? '';
}

/** The content of a message: a text, parts, or nothing. `cache_control` on a part is left out. */
export function readParts(value: unknown, param: string): readonly Part[] {
  if (typeof value === 'string') return value === '' ? [] : [{ kind: 'text', text: value }];
  return (optionalArray(value, param) ?? []).map((item, index) =>
    readPart(item, `${param}[${index}]`),
  );
}

function readPart(value: unknown, param: string): Part {
  if (typeof value === 'string') return { kind: 'text', text: value };
  const part = objectOf(value) ?? refuse(param, value, 'an object');
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { kind: 'text', text: stringAt(part.text, `${param}.text`) };
    case 'refusal':
      return { kind: 'text', text: stringAt(part.refusal, `${param}.refusal`) };
    case 'image_url':
    case 'input_image':
      return { kind: 'image', url: readImage(part.image_url, `${param}.image_url`) };
    case 'input_audio':
      return readAudio(part.input_audio, `${param}.input_audio`);
    default:
      return refuse(`${param}.type`, part.type, 'text, image_url or input_audio');
  }
}

function stringAt(value: unknown, param: string): string {
  return typeof value === 'string' ? value : refuse(param, value, 'a string');
}

function readImage(value: unknown, param: string): string {
  const url = objectOf(value)?.url ?? value;
  if (typeof url === 'string' && /^(?:data:|https?:)/i.test(url)) return url;
  // A path would let a client read files of this machine through the engine.
  return refuse(param, url, 'a data: or an https: address');
}

function readAudio(value: unknown, param: string): Part {
  const audio = objectOf(value) ?? refuse(param, value, 'an object');
  return {
    kind: 'audio',
    data: requiredString(audio.data, `${param}.data`),
    format: requiredString(audio.format, `${param}.format`),
  };
}
