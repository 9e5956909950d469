import type { OutputItem, ResponseObject, ResponsesEvent } from '@gateway/dialects/responses';
import { expect } from 'vitest';

/** The events of a stream as a client parses them; each has the name of its type. */
export function parseStream(text: string): ResponsesEvent[] {
  expect(text === '' || text.endsWith('\n\n')).toBe(true);
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const [name, data, ...more] = block.split('\n');
      expect(more).toEqual([]);
      const event: ResponsesEvent = JSON.parse(data?.replace(/^data: /, '') ?? '');
      expect(name).toBe(`event: ${event.type}`);
      return event;
    });
}

const END_TYPES = ['response.completed', 'response.incomplete', 'response.failed'];

/** An item as a client gathers it from the events alone, written without a look at how they are made. */
interface Gathered {
  readonly id: string;
  readonly parts: Map<string, { text: string; isDone: boolean }>;
  done?: unknown;
}

/**
 * Holds a stream to the protocol's rules: numbers without a gap, `created` first and one end last, each item added
 * before its parts, its parts before their texts, all of them ended before it is, and each whole text that is told the
 * same as its pieces together.
 */
export function checkProtocol(events: readonly ResponsesEvent[]): void {
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
  ]);
  expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
  expect(events.filter(({ type }) => END_TYPES.includes(type))).toHaveLength(1);
  const items: Gathered[] = [];
  for (const event of events.slice(1, -1)) gather(items, event);
  checkEnd(items, events.at(-1));
}

function gather(items: Gathered[], event: ResponsesEvent): void {
  if (event.type === 'response.in_progress') {
    checkBeat(items, event.response);
    return;
  }
  if (!('output_index' in event)) throw new Error(`${event.type} in the middle`);
  if ('item' in event && event.type === 'response.output_item.added') {
    expect(event.output_index).toBe(items.length);
    expect(event.item.status).toBe('in_progress');
    items.push({ id: event.item.id, parts: new Map() });
    return;
  }
  const item = items[event.output_index];
  if (item === undefined) throw new Error(`${event.type} before its item was added`);
  expect(item.done).toBeUndefined();
  if ('item' in event) {
    expect(event.item.id).toBe(item.id);
    for (const part of item.parts.values()) expect(part.isDone).toBe(true);
    expect(textsOf(event.item)).toEqual([...item.parts.values()].map(({ text }) => text));
    item.done = event.item;
    return;
  }
  expect(event.item_id).toBe(item.id);
  gatherPart(item, event);
}

/** What is said of a part of an item. */
type PartEvent = Extract<ResponsesEvent, { item_id: string }>;

function gatherPart(item: Gathered, event: PartEvent): void {
  const key = 'summary_index' in event ? 'summary' : 'content';
  const isAddition = event.type.endsWith('_part.added');
  if (isAddition) {
    expect(item.parts.has(key)).toBe(false);
    item.parts.set(key, { text: '', isDone: false });
    return;
  }
  const isCall = /arguments|input/.test(event.type);
  if (isCall && !item.parts.has(key)) item.parts.set(key, { text: '', isDone: false });
  const part = item.parts.get(key);
  if (part === undefined) throw new Error(`${event.type} before its part was added`);
  if ('delta' in event) {
    expect(part.isDone).toBe(false);
    part.text += event.delta;
    return;
  }
  const whole = wholeText(event);
  expect(whole).toBe(part.text);
  part.isDone = true;
}

function wholeText(event: PartEvent): string {
  if ('text' in event) return event.text;
  if ('arguments' in event) return event.arguments;
  if ('input' in event) return event.input;
  if ('part' in event) return event.part.text;
  throw new Error(`${event.type} has no text`);
}

/** The texts of an item in the order in which its parts begin. */
function textsOf(item: OutputItem): string[] {
  if (item.type === 'message') return item.content.map(({ text }) => text);
  if (item.type === 'reasoning') return [...item.summary, ...item.content].map(({ text }) => text);
  return [item.type === 'function_call' ? item.arguments : item.input];
}

/** A client that puts the response of a beat in the place of what it gathered loses nothing. */
function checkBeat(items: readonly Gathered[], response: ResponseObject): void {
  expect(response.status).toBe('in_progress');
  expect(response.output.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  for (const [index, item] of response.output.entries()) {
    const gathered = items[index];
    if (gathered?.done) expect(item).toEqual(gathered.done);
    else expect(textsOf(item).join('')).toBe(joined(gathered));
  }
}

const joined = (item: Gathered | undefined): string =>
  [...(item?.parts.values() ?? [])].map(({ text }) => text).join('');

function checkEnd(items: readonly Gathered[], end: ResponsesEvent | undefined): void {
  if (end === undefined || !('response' in end)) throw new Error('The stream has no end.');
  const { response } = end;
  expect(end.type).toBe(`response.${response.status}`);
  if (response.status === 'failed') {
    expect(response.error).not.toBeNull();
    expect(response.output.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    return;
  }
  expect(response.error).toBeNull();
  expect(response.output).toEqual(items.map(({ done }) => done));
}
