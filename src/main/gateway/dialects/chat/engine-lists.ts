/** The messages and tools of a client's text, each one with its own bytes unless it must change. */
import type { Message, Tool } from '../../conversation/conversation';
import type { Quirks } from '../../conversation/quirks';
import { arrayElements, replaceSpans, type Span } from '../../json/spans';
import { writeMessage, writeTool } from './engine-message';
import { type Fields, objectOf } from './fields';

/**
 * The text of `messages` for an engine; undefined where the client's own can stay.
 *
 * @param span - where the list stands in the text
 * @param raw - the list as it was parsed
 * @param before - the messages that were read from it, one for each
 * @param after - the same after they were prepared
 */
export function messagesText(
  text: string,
  span: Span,
  raw: readonly unknown[],
  before: readonly Message[],
  after: readonly Message[],
  quirks: Quirks,
): string | undefined {
  const kept = new Map<Message, number>();
  before.forEach((message, index) => {
    if (messageFits(objectOf(raw[index]), message, quirks)) kept.set(message, index);
  });
  return listText(text, span, raw.length, kept, after, writeMessage);
}

/** The text of `tools` for an engine; undefined where the client's own can stay. */
export function toolsText(
  text: string,
  span: Span,
  raw: readonly unknown[],
  before: readonly Tool[],
  after: readonly Tool[],
): string | undefined {
  const kept = new Map<Tool, number>();
  // What is no function was left out by the reader.
  const functions = [...raw.keys()].filter((index) => {
    const type = objectOf(raw[index])?.type;
    return type === undefined || type === 'function';
  });
  before.forEach((tool, place) => {
    const index = functions[place];
    if (index !== undefined && toolFits(objectOf(raw[index]))) kept.set(tool, index);
  });
  return listText(text, span, raw.length, kept, after, writeTool);
}

function listText<Item>(
  text: string,
  span: Span,
  length: number,
  kept: ReadonlyMap<Item, number>,
  after: readonly Item[],
  write: (item: Item) => unknown,
): string | undefined {
  const isPlaced = (item: Item, index: number): boolean => kept.get(item) === index;
  if (after.length === length && after.every(isPlaced)) return undefined;
  const spans = arrayElements(text, span);
  if (after.length === length) {
    const list = text.slice(span.start, span.end);
    const edits = after.flatMap((item, index) => {
      const at = spans[index];
      if (at === undefined || isPlaced(item, index)) return [];
      const [start, end] = [at.start - span.start, at.end - span.start];
      return [{ start, end, text: JSON.stringify(write(item)) }];
    });
    return replaceSpans(list, edits);
  }
  const items = after.map((item) => {
    const at = spans[kept.get(item) ?? -1];
    return at === undefined ? JSON.stringify(write(item)) : text.slice(at.start, at.end);
  });
  return `[${items.join(',')}]`;
}

/** Whether a message can go to the engine as the client wrote it. */
function messageFits(raw: Fields | undefined, message: Message, quirks: Quirks): boolean {
  if (raw === undefined || 'cache_control' in raw) return false;
  if (raw.role === 'developer' && !quirks.developer) return false;
  if (!contentFits(raw.content, quirks)) return false;
  if (message.role !== 'assistant') return true;
  if (message.reasoning !== undefined && raw.reasoning_content !== message.reasoning) return false;
  if (message.calls.length === 0) return true;
  return (
    Array.isArray(raw.tool_calls) &&
    raw.tool_calls.every((call) => {
      const called = objectOf(objectOf(call)?.function);
      return typeof called?.arguments === 'string' && !('cache_control' in call);
    })
  );
}

function contentFits(content: unknown, quirks: Quirks): boolean {
  if (typeof content === 'string') return true;
  if (!Array.isArray(content)) return quirks.joinsText;
  const parts = content.map(objectOf);
  if (!parts.every((part) => part !== undefined && partFits(part))) return false;
  return quirks.joinsText || parts.some((part) => part?.type !== 'text');
}

function partFits(part: Fields): boolean {
  if ('cache_control' in part) return false;
  if (part.type === 'text' || part.type === 'input_audio') return true;
  return part.type === 'image_url' && objectOf(part.image_url) !== undefined;
}

/** A template writes the whole tool into the prompt, so that a mark of a client's cache would be in it too. */
function toolFits(raw: Fields | undefined): boolean {
  const named = objectOf(raw?.function);
  return (
    raw !== undefined &&
    named !== undefined &&
    raw.type === 'function' &&
    !('cache_control' in raw) &&
    !('cache_control' in named)
  );
}
