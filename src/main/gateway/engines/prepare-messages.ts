/** Puts messages into an order and a form that a template takes, without moving a text away from its neighbors. */
import type { Message, Part } from '../conversation/conversation';
import type { Quirks } from '../conversation/quirks';
import type { TemplateFacts } from './template-facts';

/**
 * The messages as the engine and the template take them. One that needs no change stays the same object.
 *
 * @param changes - gets what was changed, in words for the record
 */
export function prepareMessages(
  messages: readonly Message[],
  quirks: Quirks,
  template: TemplateFacts,
  changes: string[],
): readonly Message[] {
  if (quirks.isUnknown) return messages;
  const fitting = messages.map((message) =>
    message.role === 'assistant' ? fitAnswer(message, quirks, template, changes) : message,
  );
  const placed =
    quirks.movesSystem || !template.lateSystem || !template.system
      ? placeSystem(fitting, template.system, changes)
      : fitting;
  return template.alternation ? mergeTurns(placed, changes) : placed;
}

type Assistant = Extract<Message, { role: 'assistant' }>;

function fitAnswer(
  message: Assistant,
  quirks: Quirks,
  template: TemplateFacts,
  changes: string[],
): Assistant {
  const hasUnused = message.reasoning !== undefined && !template.reasoning;
  if (hasUnused) addOnce(changes, "reasoning of earlier answers (the model's template skips it)");
  const calls = quirks.parsesArguments
    ? message.calls.map((call) => {
        const fixed = argumentsOf(call.arguments);
        if (fixed === call.arguments) return call;
        if (call.arguments.trim() !== '')
          changes.push(`arguments of call ${call.name} (no JSON object) became its input`);
        return { ...call, arguments: fixed };
      })
    : message.calls;
  const isSame = calls.every((call, index) => call === message.calls[index]);
  if (!hasUnused && isSame) return message;
  return { ...message, reasoning: hasUnused ? undefined : message.reasoning, calls };
}

/** A JSON object as it came; anything else as a field of one, since engines parse it and templates read its fields. */
function argumentsOf(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch (error) {
    // The model wrote something else, or was cut off.
    if (!(error instanceof SyntaxError)) throw error;
  }
  return JSON.stringify({ input: text });
}

/**
 * System messages at the beginning become one. One further on becomes a marked part of the user message before it, or
 * else of the one after it, so that what comes before it stays the same text in the next request too.
 */
function placeSystem(
  messages: readonly Message[],
  hasPlace: boolean,
  changes: string[],
): readonly Message[] {
  const later = messages.findIndex((message) => message.role !== 'system');
  const leading = messages.slice(0, later === -1 ? messages.length : later);
  const rest = later === -1 ? [] : messages.slice(later);
  const late = rest.filter((message) => message.role === 'system').length;
  if (late === 0 && (leading.length === 0 || (leading.length === 1 && hasPlace))) return messages;
  if (leading.length > 1) changes.push(`${leading.length} system messages became one`);
  if (late > 0) changes.push(`${late} system messages became part of the user message beside them`);

  const placed: Message[] = [];
  let waiting: Part[] = [];
  const first = leading[0];
  if (first !== undefined) {
    const parts = joined(leading.map((message) => message.parts));
    if (hasPlace) placed.push(leading.length === 1 ? first : { role: 'system', parts });
    else {
      changes.push('the system message became part of the first user message');
      waiting = note(parts);
    }
  }
  for (const message of rest) {
    const before = placed.at(-1);
    if (message.role === 'system') {
      if (before?.role === 'user' && waiting.length === 0)
        placed[placed.length - 1] = {
          role: 'user',
          parts: joined([before.parts, note(message.parts)]),
        };
      else waiting = joined([waiting, note(message.parts)]);
    } else if (message.role === 'user') {
      placed.push(
        waiting.length === 0 ? message : { role: 'user', parts: joined([waiting, message.parts]) },
      );
      waiting = [];
    } else {
      // Nothing may stand between a call and its result.
      if (message.role === 'assistant' && waiting.length > 0) {
        placed.push({ role: 'user', parts: waiting });
        waiting = [];
      }
      placed.push(message);
    }
  }
  if (waiting.length > 0) placed.push({ role: 'user', parts: waiting });
  return placed;
}

/** Two users in a row, or two answers, become one message. */
function mergeTurns(messages: readonly Message[], changes: string[]): readonly Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const before = merged.at(-1);
    if (message.role === 'user' && before?.role === 'user')
      merged[merged.length - 1] = { role: 'user', parts: joined([before.parts, message.parts]) };
    else if (message.role === 'assistant' && before?.role === 'assistant' && isText(before))
      merged[merged.length - 1] = { ...message, parts: joined([before.parts, message.parts]) };
    else merged.push(message);
  }
  if (merged.length === messages.length) return messages;
  changes.push(`${messages.length} messages became ${merged.length} (the template needs turns)`);
  return merged;
}

function isText(message: Assistant): boolean {
  return message.calls.length === 0 && message.reasoning === undefined;
}

/** Parts of several messages as those of one, with an empty line between. */
function joined(lists: readonly (readonly Part[])[]): Part[] {
  return lists
    .filter((parts) => parts.length > 0)
    .flatMap((parts, index) => (index === 0 ? parts : [text('\n\n'), ...parts]));
}

function note(parts: readonly Part[]): Part[] {
  return parts.length === 0 ? [] : [text('<system-note>\n'), ...parts, text('\n</system-note>')];
}

const text = (value: string): Part => ({ kind: 'text', text: value });

function addOnce(changes: string[], change: string): void {
  if (!changes.includes(change)) changes.push(change);
}
