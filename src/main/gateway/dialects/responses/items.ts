import type { Message, Part, ToolCall } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  asFields,
  cut,
  type Fields,
  isFields,
  neededString,
  optionalArray,
  optionalString,
  shown,
  under,
} from './fields';
import { readParts } from './parts';
import { flatNameOf, type ToolNames } from './tool-names';

/** One item of a conversation, of a request or of an answer, and its path in the request. */
export interface PlacedItem {
  readonly item: unknown;
  readonly at: string;
}

/** What an item adds to the conversation. */
type Piece =
  | { readonly kind: 'message'; readonly role: 'system' | 'user'; readonly parts: readonly Part[] }
  | { readonly kind: 'said'; readonly parts: readonly Part[] }
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'called'; readonly call: ToolCall }
  | {
      readonly kind: 'result';
      readonly callId: string;
      readonly parts: readonly Part[];
      readonly at: string;
    }
  | { readonly kind: 'leftOut'; readonly change?: string | undefined };

/**
 * What other kinds of tools leave behind, such as `web_search_call` and `mcp_approval_request`. No model here makes
 * them, so a history that holds them began elsewhere.
 */
const FOREIGN =
  /(_call|_call_output|_search_output|^mcp_\w+|^compaction\w*|^program\w*|^additional_tools|^configuration_update)$/;

/** Reads the items of a conversation in their order; what no model here can be told is named in `changes`. */
export function readItems(
  items: readonly PlacedItem[],
  names: ToolNames,
): { readonly messages: readonly Message[]; readonly changes: readonly string[] } {
  const pieces = items.map(({ item, at }) => readItem(asFields(item, at), at, names));
  const { messages, changes } = messagesOf(pieces);
  return { messages, changes: [...new Set(changes)] };
}

function readItem(item: Fields, at: string, names: ToolNames): Piece {
  const type = optionalString(item, 'type', at) ?? 'message';
  switch (type) {
    case 'message':
      return readMessage(item, at);
    case 'function_call':
      return readCall(item, at, names, optionalString(item, 'arguments', at) || '{}');
    case 'custom_tool_call': {
      const input = optionalString(item, 'input', at) ?? '';
      return readCall(item, at, names, JSON.stringify({ input }));
    }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return {
        kind: 'result',
        callId: neededString(item, 'call_id', at),
        parts: readParts(item.output, under(at, 'output')),
        at,
      };
    case 'reasoning':
      return readReasoning(item, at);
    default:
      if (FOREIGN.test(type)) {
        return { kind: 'leftOut', change: `item ${cut(type)} (made by another provider)` };
      }
      throw badField(
        under(at, 'type'),
        `${at}.type must be message, function_call, function_call_output, custom_tool_call, ` +
          `custom_tool_call_output, reasoning or item_reference; got ${shown(type)}.`,
      );
  }
}

function readMessage(item: Fields, at: string): Piece {
  const role = neededString(item, 'role', at);
  const parts = readParts(item.content, under(at, 'content'));
  if (role === 'assistant') return { kind: 'said', parts };
  if (role === 'user') return { kind: 'message', role, parts };
  // `developer` is what OpenAI calls `system` since 2024; templates know only the older one.
  if (role === 'system' || role === 'developer') return { kind: 'message', role: 'system', parts };
  throw badField(
    under(at, 'role'),
    `${at}.role must be user, assistant, system or developer; got ${shown(role)}.`,
  );
}

function readCall(item: Fields, at: string, names: ToolNames, text: string): Piece {
  const name = neededString(item, 'name', at);
  const namespace = optionalString(item, 'namespace', at);
  return {
    kind: 'called',
    call: {
      id: neededString(item, 'call_id', at),
      name: flatNameOf(names, name, namespace),
      arguments: text,
    },
  };
}

/** Our own items have the same text as content and as summary, Vercel's SDK sends back only the summary. */
function readReasoning(item: Fields, at: string): Piece {
  const content = textsOf(item, 'content', at).join('');
  const text = content || textsOf(item, 'summary', at).join('\n\n');
  if (text !== '') return { kind: 'thought', text };
  const isEncrypted = typeof item.encrypted_content === 'string' && item.encrypted_content !== '';
  const change = isEncrypted ? 'item reasoning (encrypted for another provider)' : undefined;
  return { kind: 'leftOut', change };
}

function textsOf(item: Fields, name: string, at: string): readonly string[] {
  return (optionalArray(item, name, at) ?? []).map((part, index) => {
    const inside = `${under(at, name)}[${index}]`;
    return optionalString(asFields(part, inside), 'text', inside) ?? '';
  });
}

/**
 * Puts pieces together to messages. What the model thought, said and called in one turn are items of their own here and
 * one message of the assistant in a chat.
 */
function messagesOf(pieces: readonly Piece[]): { messages: Message[]; changes: string[] } {
  const messages: Message[] = [];
  const changes: string[] = [];
  const calls = new Map<string, ToolCall>();
  let turn: Piece[] = [];
  const endTurn = (): void => {
    const message = turnMessage(turn);
    if (message !== undefined) messages.push(message);
    else if (turn.length > 0) changes.push('item reasoning (no answer came of it)');
    turn = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'leftOut') {
      if (piece.change !== undefined) changes.push(piece.change);
    } else if (piece.kind === 'message') {
      endTurn();
      messages.push({ role: piece.role, parts: piece.parts });
    } else if (piece.kind === 'result') {
      endTurn();
      messages.push(resultMessage(piece, calls.get(piece.callId)));
    } else {
      if (piece.kind === 'called') calls.set(piece.call.id, piece.call);
      turn.push(piece);
    }
  }
  endTurn();
  return { messages, changes };
}

/** Undefined where nothing was said or called: a template has no place for thoughts alone. */
function turnMessage(turn: readonly Piece[]): Message | undefined {
  const parts = turn.flatMap((piece) => (piece.kind === 'said' ? piece.parts : []));
  const calls = turn.flatMap((piece) => (piece.kind === 'called' ? piece.call : []));
  const thoughts = turn.flatMap((piece) => (piece.kind === 'thought' ? piece.text : []));
  if (thoughts.length === turn.length) return undefined;
  const reasoning = thoughts.length > 0 ? thoughts.join('\n\n') : undefined;
  return { role: 'assistant', parts, reasoning, calls };
}

function resultMessage(
  { callId, parts, at }: Extract<Piece, { kind: 'result' }>,
  call: ToolCall | undefined,
): Message {
  if (call !== undefined) return { role: 'tool', callId, name: call.name, parts };
  throw badField(
    `${at}.call_id`,
    `${at}.call_id must be the call_id of an earlier tool call; got ${shown(callId)}.`,
  );
}

/** Whether an item stands for one that an earlier answer had: `{ type: 'item_reference', id }`, or its id alone. */
export function referenceIn(item: unknown): string | undefined {
  if (!isFields(item) || typeof item.id !== 'string') return undefined;
  const isNamed = item.type === 'item_reference';
  const isAlone = (item.type ?? undefined) === undefined && (item.role ?? undefined) === undefined;
  return isNamed || isAlone ? item.id : undefined;
}
