import { customInput } from './custom-input';
import { type Move, type ResponsesState, say } from './state';
import { originOf } from './tool-names';
import type { CallItem, EventBody, ItemStatus } from './wire';

/** Tool calls of the model: one item each, under the name by which the client knows the tool. */

export const beginCall =
  (index: number, callId: string, flatName: string): Move =>
  (state) => {
    const at = state.items.length;
    const item = emptyCall(state, at, callId, flatName);
    return say(
      {
        ...state,
        items: [...state.items, item],
        calling: { index, at, text: '', hasEnded: false },
      },
      { type: 'response.output_item.added', output_index: at, item },
    );
  };

/**
 * Arguments of a function are told as they come. The input of a custom tool waits for its end: models that miss its
 * form would have half of it told as what it is not.
 */
export const continueCall =
  (index: number, text: string): Move =>
  (state) => {
    const { calling } = state;
    const item = calling && state.items[calling.at];
    if (item === undefined || calling?.index !== index) {
      throw new Error(`Arguments came for tool call ${index}, which is not open.`);
    }
    const longer = { ...state, calling: { ...calling, text: calling.text + text } };
    if (item.type !== 'function_call' || text === '') return { state: longer, events: [] };
    const items = state.items.with(calling.at, { ...item, arguments: item.arguments + text });
    return say({ ...longer, items }, delta(item.id, calling.at, text));
  };

/**
 * Notes that the engine ended a call. Its item ends when something follows: a model that reached its limit was cut
 * within the call, and a client must not take that for a whole one.
 */
export const noteCallEnd =
  (index: number): Move =>
  (state) => {
    const { calling } = state;
    if (calling?.index !== index) return { state, events: [] };
    return { state: { ...state, calling: { ...calling, hasEnded: true } }, events: [] };
  };

/** Ends the open call, if there is one. */
export const endCall =
  (status: ItemStatus): Move =>
  (state) => {
    const { calling } = state;
    const item = calling && state.items[calling.at];
    if (calling === undefined || item === undefined) return { state, events: [] };
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') {
      throw new Error('Speech is no call.');
    }
    const { done, events } =
      item.type === 'function_call'
        ? endedFunction(item, calling.at, status)
        : endedCustom(item, calling.at, status, calling.text);
    return say(
      { ...state, items: state.items.with(calling.at, done), calling: undefined },
      ...events,
      { type: 'response.output_item.done', output_index: calling.at, item: done },
    );
  };

/** Ends a call of which the engine said that it ended, before something else begins. */
export const endEndedCall: Move = (state) =>
  state.calling?.hasEnded ? endCall('completed')(state) : { state, events: [] };

function emptyCall(state: ResponsesState, at: number, callId: string, flat: string): CallItem {
  const { kind, name, namespace } = originOf(state.facts.tools, flat);
  const inNamespace = namespace === undefined ? {} : { namespace };
  const common = { call_id: callId, name, ...inNamespace, status: 'in_progress' } as const;
  const id = `${state.context.id}_${at}`;
  return kind === 'function'
    ? { type: 'function_call', id: `fc_${id}`, ...common, arguments: '' }
    : { type: 'custom_tool_call', id: `ctc_${id}`, ...common, input: '' };
}

interface Ended {
  readonly done: CallItem;
  readonly events: readonly EventBody[];
}

/** A call without arguments has an empty object: clients parse what they get. */
function endedFunction(
  item: Extract<CallItem, { type: 'function_call' }>,
  at: number,
  status: ItemStatus,
): Ended {
  const isEmpty = item.arguments === '' && status === 'completed';
  const text = isEmpty ? '{}' : item.arguments;
  return {
    done: { ...item, arguments: text, status },
    events: [
      ...(isEmpty ? [delta(item.id, at, text)] : []),
      {
        type: 'response.function_call_arguments.done',
        item_id: item.id,
        output_index: at,
        arguments: text,
        name: item.name,
      },
    ],
  };
}

function endedCustom(
  item: Extract<CallItem, { type: 'custom_tool_call' }>,
  at: number,
  status: ItemStatus,
  text: string,
): Ended {
  const input = customInput(text);
  const place = { item_id: item.id, output_index: at };
  return {
    done: { ...item, input, status },
    events: [
      { type: 'response.custom_tool_call_input.delta', ...place, delta: input },
      { type: 'response.custom_tool_call_input.done', ...place, input },
    ],
  };
}

const delta = (id: string, at: number, text: string): EventBody => ({
  type: 'response.function_call_arguments.delta',
  item_id: id,
  output_index: at,
  delta: text,
});
