import { hash } from 'node:crypto';

import { assertNever } from '@shared/assert-never';
import type { PromptPart } from '@shared/gateway/record';
import type { Conversation, Message, Part, Tool } from '../conversation/conversation';

/** A part with its text, which is kept in memory alone. */
export interface TextPart extends PromptPart {
  /** Undefined where it was too long to be kept. */
  readonly text?: string | undefined;
}

/**
 * A conversation as the parts that an engine reads one after the other: the system messages that open it, each tool,
 * each other message. The same text is the same part, whether a client wrote it as a string or as an array.
 */
export function promptParts({ messages, tools }: Conversation): TextPart[] {
  const begin = messages.findIndex(({ role }) => role !== 'system');
  const opening = begin === -1 ? messages.length : begin;
  return [
    ...messages.slice(0, opening).map(messagePart),
    ...tools.map((tool) => partOf('tools', toolText(tool))),
    ...messages.slice(opening).map(messagePart),
  ];
}

/** Whether two parts say the same in the same role. */
export function isSamePart(one: PromptPart | undefined, other: PromptPart | undefined): boolean {
  return one !== undefined && one.hash === other?.hash && one.role === other.role;
}

/** What is kept of a part beyond this process: no text. */
export function withoutText({ role, hash, length }: TextPart): PromptPart {
  return { role, hash, length };
}

function messagePart(message: Message): TextPart {
  return partOf(message.role, messageText(message));
}

function partOf(role: string, text: string): TextPart {
  return { role, hash: digest(text), length: text.length, text };
}

function messageText(message: Message): string {
  const text = message.parts.map(partText).join('');
  if (message.role !== 'assistant') return text;
  const calls = message.calls.map((call) => `\n${call.name}(${call.arguments})`);
  return [message.reasoning ?? '', text, ...calls].join('');
}

/** A picture or a sound counts by what it is, not by its megabytes. */
function partText(part: Part): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'image':
      return `[image ${digest(part.url)}]`;
    case 'audio':
      return `[audio ${digest(part.data)}]`;
    default:
      return assertNever(part);
  }
}

/** SHA-256, the first 16 hex digits. */
function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/** Templates write a tool as JSON with its keys in the client's order. */
function toolText({ name, description, parameters }: Tool): string {
  return `${name}\n${description ?? ''}\n${jsonText(parameters)}`;
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch (error) {
    // A schema nested deeper than the stack: its tool is told from others by name and description.
    if (error instanceof RangeError) return '[nested too deep]';
    throw error;
  }
}
