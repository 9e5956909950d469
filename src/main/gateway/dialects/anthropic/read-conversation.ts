/** The messages of a request, in the client's order: nothing is moved, merged or written anew. */
import type { Message, Part, ToolCall } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  clipped,
  type Fields,
  isGiven,
  optional,
  readArray,
  readBoolean,
  readName,
  readObject,
  readString,
  shown,
} from './fields';
import { contentBlocks, type PartReading, readPart, textParts } from './read-parts';
import type { ToolChange } from './read-tools';
import { asToolInput } from './tool-input';

/** Claude Code's line about who pays, the first block of its system prompt. It says nothing to a model. */
const ATTRIBUTION = /^x-anthropic-billing-header:[^\n]*\n*/;

/** What the messages say beside their text, gathered while they are read in order. */
interface Reading extends PartReading {
  readonly toolChanges: ToolChange[];
  /** Names of tools by the ids of their calls, for the results that have only the id. */
  readonly callNames: Map<string, string>;
}

/** The system prompt as one message; none where nothing is left of it. */
export function readSystem(value: unknown, reading: PartReading): readonly Message[] {
  const parts = contentBlocks(value, 'system').flatMap((block, index) => {
    const at = `system.${index}`;
    if (block.type !== 'text') {
      throw badField(`${at}.type`, `${at}.type must be text, not ${shown(block.type)}.`);
    }
    return textParts(withoutAttribution(readString(block.text, `${at}.text`), reading));
  });
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

/** All messages, with what they say of tools that came and went on the way. */
export function readMessageList(
  value: unknown,
  partReading: PartReading,
): { readonly messages: readonly Message[]; readonly toolChanges: readonly ToolChange[] } {
  const list = readArray(value, 'messages').map((entry, index) =>
    readObject(entry, `messages.${index}`),
  );
  if (list.length === 0) throw badField('messages', 'messages must hold at least one message.');
  const reading: Reading = { ...partReading, toolChanges: [], callNames: new Map() };
  const lastOfUser = list.findLastIndex(({ role }) => role === 'user');
  const messages = list.flatMap((message, index) => {
    const read = readMessage(message, `messages.${index}`, reading);
    // Meant for one turn, which is over (beta `mid-conversation-system-clear-at-2026-08-21`).
    const isOver = message.clear_at === 'next_user_message' && index < lastOfUser;
    return message.role === 'system' && isOver ? [] : read;
  });
  if (messages.length === 0) throw badField('messages', 'messages must say something.');
  return { messages, toolChanges: reading.toolChanges };
}

function readMessage(message: Fields, at: string, reading: Reading): readonly Message[] {
  const blocks = contentBlocks(message.content, `${at}.content`);
  switch (message.role) {
    case 'user':
      return readUser(blocks, `${at}.content`, reading);
    case 'assistant':
      return [readAssistant(blocks, `${at}.content`, reading)];
    case 'system':
      if (isGiven(message.output_config)) {
        reading.note('output_config of a system message (an effort per turn)');
      }
      return readLaterSystem(blocks, `${at}.content`, reading);
    default:
      throw badField(
        `${at}.role`,
        `${at}.role must be user, assistant or system, not ${shown(message.role)}.`,
      );
  }
}

/** One message of a user may hold results of tools beside its text; each becomes a message of its own, in place. */
function readUser(blocks: readonly Fields[], at: string, reading: Reading): readonly Message[] {
  const messages: Message[] = [];
  let said: Part[] = [];
  const endTurn = (): void => {
    if (said.length > 0) messages.push({ role: 'user', parts: said });
    said = [];
  };
  for (const [index, block] of blocks.entries()) {
    const where = `${at}.${index}`;
    if (block.type === 'tool_result') {
      endTurn();
      messages.push(readToolResult(block, where, reading));
    } else {
      said.push(...readPart(block, where, reading, ['tool_result']));
    }
  }
  endTurn();
  // A turn that says nothing stays a turn, as roles alternate around it.
  return messages.length === 0 ? [{ role: 'user', parts: [] }] : messages;
}

function readToolResult(block: Fields, at: string, reading: Reading): Message {
  const callId = readName(block.tool_use_id, `${at}.tool_use_id`);
  const parts = contentBlocks(block.content, `${at}.content`).flatMap((part, index) => {
    const where = `${at}.content.${index}`;
    if (part.type === 'tool_reference') return readToolReference(part, where, reading);
    if (part.type === 'browser_state') {
      reading.note("block browser_state (its provider's own)");
      return [];
    }
    return readPart(part, where, reading, ['tool_reference']);
  });
  return {
    role: 'tool',
    callId,
    name: reading.callNames.get(callId),
    parts,
    isError: optional(block.is_error, (value) => readBoolean(value, `${at}.is_error`)),
  };
}

/** What a search for tools found: the tool is offered from now on, and the model is told why. */
function readToolReference(block: Fields, at: string, reading: Reading): readonly Part[] {
  const name = readName(block.tool_name, `${at}.tool_name`);
  reading.toolChanges.push({ kind: 'added', name });
  return textParts(`The tool ${name} is available now.\n`);
}

function readAssistant(blocks: readonly Fields[], at: string, reading: Reading): Message {
  const parts: Part[] = [];
  const thoughts: string[] = [];
  const calls: ToolCall[] = [];
  for (const [index, block] of blocks.entries()) {
    const where = `${at}.${index}`;
    switch (block.type) {
      case 'text':
        if (calls.length > 0) reading.note(`${where} (text after a tool call stands before it)`);
        parts.push(...textParts(readString(block.text, `${where}.text`)));
        break;
      case 'thinking':
        thoughts.push(readString(block.thinking, `${where}.thinking`));
        break;
      case 'tool_use':
        calls.push(readToolUse(block, where, reading));
        break;
      case 'compaction':
        parts.push(...readCompaction(block, where, reading));
        break;
      case 'redacted_thinking':
        reading.note('redacted_thinking (only its provider can read it)');
        break;
      default:
        // What a provider once answered cannot be mended by whoever sends it back.
        reading.note(`block ${clipped(String(block.type))} (its provider's own)`);
    }
  }
  const reasoning = thoughts.join('');
  return { role: 'assistant', parts, calls, reasoning: reasoning === '' ? undefined : reasoning };
}

/** A provider's summary of what went before, with the tools that came and went within. */
function readCompaction(block: Fields, at: string, reading: Reading): readonly Part[] {
  const changes = optional(block.tool_changes, (value) => readArray(value, `${at}.tool_changes`));
  for (const [index, change] of (changes ?? []).entries()) {
    const where = `${at}.tool_changes.${index}`;
    readToolChange(readObject(change, where), `${where}.tool`, reading);
  }
  if (isGiven(block.content)) return textParts(readString(block.content, `${at}.content`));
  reading.note('compaction (only its provider can read it)');
  return [];
}

function readToolUse(block: Fields, at: string, reading: Reading): ToolCall {
  const id = readName(block.id, `${at}.id`);
  const name = readName(block.name, `${at}.name`);
  reading.callNames.set(id, name);
  return { id, name, arguments: JSON.stringify(asToolInput(block.input)) };
}

/**
 * Instructions in the middle of a conversation, which stay where they are. Beside text they may add and remove tools
 * (beta `mid-conversation-tool-changes-2026-07-01`).
 */
function readLaterSystem(
  blocks: readonly Fields[],
  at: string,
  reading: Reading,
): readonly Message[] {
  const parts = blocks.flatMap((block, index) => {
    const where = `${at}.${index}`;
    switch (block.type) {
      case 'text':
        return textParts(readString(block.text, `${where}.text`));
      case 'tool_addition':
      case 'tool_removal':
        readToolChange(block, `${where}.tool`, reading);
        return [];
      default:
        reading.note(
          `block ${clipped(String(block.type))} of a system message (its provider's own)`,
        );
        return [];
    }
  });
  return parts.length === 0 ? [] : [{ role: 'system', parts }];
}

/** The tool by its name, or with its whole definition (beta `inline-tools-2026-09-15`). */
function readToolChange(block: Fields, at: string, reading: Reading): void {
  const tool = readObject(block.tool, at);
  const isAddition = block.type === 'tool_addition';
  if (tool.type === 'tool_definition' && isAddition) {
    const definition = readObject(tool.definition, `${at}.definition`);
    reading.toolChanges.push({ kind: 'defined', definition, at: `${at}.definition` });
  } else if (tool.type === 'tool_reference') {
    const name = readName(tool.name, `${at}.name`);
    reading.toolChanges.push({ kind: isAddition ? 'added' : 'removed', name });
  } else {
    reading.note(`${clipped(String(tool.type))} of a system message (its provider's own)`);
  }
}

function withoutAttribution(text: string, { note }: PartReading): string {
  const line = ATTRIBUTION.exec(text)?.[0];
  if (line === undefined) return text;
  note(`attribution line of ${line.trimEnd().length} characters (says nothing to a model)`);
  return text.slice(line.length);
}
