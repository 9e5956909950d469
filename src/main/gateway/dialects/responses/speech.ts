import { type Move, type ResponsesState, type Step, say } from './state';
import type {
  EventBody,
  ItemStatus,
  MessageItem,
  OutputText,
  ReasoningItem,
  ReasoningText,
  SummaryText,
} from './wire';

/** What the model says to the person, and what it thinks: one item until something else begins. */

type Speech = MessageItem | ReasoningItem;

/**
 * What stands for the encrypted text of reasoning, which is beside it in plain words. Where nothing is stored, Vercel's
 * SDK (OpenCode uses it so) sends reasoning back only if it has this field, and a model that calls tools would lose its
 * thoughts between two calls, and the engine the beginning of the prompt that it had computed.
 */
const NOT_ENCRYPTED = 'not encrypted: see content';

export const speak =
  (kind: Speech['type'], text: string): Move =>
  (state) => {
    const at = state.speaking;
    const item = at === undefined ? undefined : state.items[at];
    if (at === undefined || item?.type !== kind) throw new Error(`No ${kind} is being said.`);
    const longer = withText(item, textOf(item) + text, 'in_progress');
    return say({ ...state, items: state.items.with(at, longer) }, ...deltas(longer, at, text));
  };

/** Begins an item, unless one of its kind is being said. */
export const beginSpeech =
  (kind: Speech['type']): Move =>
  (state) => {
    if (state.speaking !== undefined) return { state, events: [] };
    const at = state.items.length;
    const item = emptyItem(kind, state, at);
    const filled = withText(item, '', 'in_progress');
    return say(
      { ...state, items: [...state.items, filled], speaking: at },
      { type: 'response.output_item.added', output_index: at, item },
      ...beginnings(item, at),
    );
  };

/** Ends what is being said, unless it is of the given kind. */
export const endSpeech =
  (status: ItemStatus, unless?: Speech['type']): Move =>
  (state): Step => {
    const at = state.speaking;
    const item = at === undefined ? undefined : state.items[at];
    if (at === undefined || item === undefined || item.type === unless) {
      return { state, events: [] };
    }
    if (item.type !== 'message' && item.type !== 'reasoning')
      throw new Error('A call is no speech.');
    const done = withText(item, textOf(item), status);
    return say(
      { ...state, items: state.items.with(at, done), speaking: undefined },
      ...endings(done, at),
      { type: 'response.output_item.done', output_index: at, item: done },
    );
  };

function emptyItem(kind: Speech['type'], { context, facts }: ResponsesState, at: number): Speech {
  const status = 'in_progress';
  if (kind === 'message') {
    return { type: kind, id: `msg_${context.id}_${at}`, role: 'assistant', status, content: [] };
  }
  const portable = facts.echo.store ? {} : { encrypted_content: NOT_ENCRYPTED };
  return {
    type: kind,
    id: `rs_${context.id}_${at}`,
    status,
    summary: [],
    content: [],
    ...portable,
  };
}

const outputText = (text: string): OutputText => ({
  type: 'output_text',
  text,
  annotations: [],
  logprobs: [],
});
const reasoningText = (text: string): ReasoningText => ({ type: 'reasoning_text', text });
const summaryText = (text: string): SummaryText => ({ type: 'summary_text', text });

const textOf = (item: Speech): string => item.content[0]?.text ?? '';

function withText(item: Speech, text: string, status: ItemStatus): Speech {
  return item.type === 'message'
    ? { ...item, status, content: [outputText(text)] }
    : { ...item, status, summary: [summaryText(text)], content: [reasoningText(text)] };
}

function beginnings(item: Speech, at: number): readonly EventBody[] {
  const content = { item_id: item.id, output_index: at, content_index: 0 };
  if (item.type === 'message') {
    return [{ type: 'response.content_part.added', ...content, part: outputText('') }];
  }
  const summary = { item_id: item.id, output_index: at, summary_index: 0 };
  return [
    { type: 'response.reasoning_summary_part.added', ...summary, part: summaryText('') },
    { type: 'response.content_part.added', ...content, part: reasoningText('') },
  ];
}

function deltas(item: Speech, at: number, delta: string): readonly EventBody[] {
  const content = { item_id: item.id, output_index: at, content_index: 0 };
  if (item.type === 'message') {
    return [{ type: 'response.output_text.delta', ...content, delta, logprobs: [] }];
  }
  const summary = { item_id: item.id, output_index: at, summary_index: 0 };
  return [
    { type: 'response.reasoning_summary_text.delta', ...summary, delta },
    { type: 'response.reasoning_text.delta', ...content, delta },
  ];
}

function endings(item: Speech, at: number): readonly EventBody[] {
  const text = textOf(item);
  const content = { item_id: item.id, output_index: at, content_index: 0 };
  if (item.type === 'message') {
    return [
      { type: 'response.output_text.done', ...content, text, logprobs: [] },
      { type: 'response.content_part.done', ...content, part: outputText(text) },
    ];
  }
  const summary = { item_id: item.id, output_index: at, summary_index: 0 };
  return [
    { type: 'response.reasoning_summary_text.done', ...summary, text },
    { type: 'response.reasoning_summary_part.done', ...summary, part: summaryText(text) },
    { type: 'response.reasoning_text.done', ...content, text },
    { type: 'response.content_part.done', ...content, part: reasoningText(text) },
  ];
}
