/**
 * Puts the pieces of tool calls in order. Engines give calls whole or in fragments, with and without a number, with an
 * id once, each time or never; one gives the names of all calls first and the arguments of each at the end.
 */
import type { StreamEvent } from '../../conversation/stream-event';
import { type Fields, objectOf } from './fields';

/** A call as far as the engine has given it. */
interface Call {
  readonly engineIndex: number | undefined;
  readonly engineId: string | undefined;
  readonly name: string | undefined;
  /** Arguments so far, and of them what was not told yet. */
  readonly given: string;
  readonly waiting: string;
  readonly isBegun: boolean;
}

export interface EngineCalls {
  readonly calls: readonly Call[];
  /** The call that is told now: those before it have ended, those after it wait. */
  readonly front: number;
}

export interface CallsStep {
  readonly calls: EngineCalls;
  /** What is wrong, as "The engine sent ..." goes on. */
  readonly fault?: string | undefined;
}

export const NO_CALLS: EngineCalls = { calls: [], front: 0 };

/** No model calls that many tools in one answer. */
const MOST_CALLS = 1000;

/**
 * A piece of a call.
 *
 * @param id - of the answer, for calls without an id
 * @param events - gets what the piece lets be told
 */
export function takeCall(
  state: EngineCalls,
  piece: Fields,
  id: string,
  events: StreamEvent[],
): CallsStep {
  const called = objectOf(piece.function) ?? piece;
  const engineIndex = typeof piece.index === 'number' ? piece.index : undefined;
  const engineId = filled(piece.id);
  const name = filled(called.name);
  const text = argumentsOf(called.arguments);
  const found = placeOf(state.calls, engineIndex, engineId, name);
  const before = state.calls[found];
  if (before === undefined && state.calls.length >= MOST_CALLS)
    return { calls: state, fault: `more than ${MOST_CALLS} tool calls` };
  if (before !== undefined && found < state.front)
    return text === ''
      ? { calls: state }
      : { calls: state, fault: 'more of a tool call that had ended' };
  const call: Call = {
    engineIndex: before?.engineIndex ?? engineIndex,
    engineId: before?.engineId ?? engineId,
    name: before?.name ?? name,
    given: (before?.given ?? '') + text,
    waiting: (before?.waiting ?? '') + text,
    isBegun: before?.isBegun ?? false,
  };
  const calls =
    before === undefined
      ? [...state.calls, call]
      : state.calls.map((other, index) => (index === found ? call : other));
  return tell({ calls, front: state.front }, id, events, false);
}

/** Ends the call that is being told, since something else follows. One that was not begun still waits. */
export function pauseCalls(state: EngineCalls, events: StreamEvent[]): EngineCalls {
  if (state.calls[state.front]?.isBegun !== true) return state;
  events.push({ type: 'callEnded', index: state.front });
  return { ...state, front: state.front + 1 };
}

/** Tells what waits, and ends every call. */
export function endCalls(state: EngineCalls, id: string, events: StreamEvent[]): CallsStep {
  return tell(state, id, events, true);
}

/** Which call a piece belongs to: its place, or the one after the last. */
function placeOf(
  calls: readonly Call[],
  engineIndex: number | undefined,
  engineId: string | undefined,
  name: string | undefined,
): number {
  const place = calls.findLastIndex((call) => {
    if (engineIndex !== undefined && call.engineIndex !== undefined)
      return engineIndex === call.engineIndex;
    return engineId === undefined || call.engineId === undefined || engineId === call.engineId;
  });
  const call = calls[place];
  if (call === undefined) return calls.length;
  // The same number with another id, or with another name after arguments, is the next call.
  const isNext =
    engineId !== undefined && call.engineId !== undefined
      ? engineId !== call.engineId
      : name !== undefined && call.name !== undefined && call.given !== '';
  return isNext ? calls.length : place;
}

function tell(before: EngineCalls, id: string, events: StreamEvent[], isFinal: boolean): CallsStep {
  let { calls, front } = before;
  for (;;) {
    const call = calls[front];
    if (call === undefined) break;
    if (call.name === undefined) {
      if (isFinal) return { calls: before, fault: 'a tool call without a name' };
      break;
    }
    // Without arguments nothing is told yet: text may still come before them.
    if (call.given === '' && !isFinal) break;
    if (!call.isBegun) {
      const callId = call.engineId ?? `call_${id}_${front}`;
      events.push({ type: 'callBegun', index: front, id: callId, name: call.name });
    }
    if (call.waiting !== '')
      events.push({ type: 'callArguments', index: front, text: call.waiting });
    if (!call.isBegun || call.waiting !== '') {
      const told = { ...call, isBegun: true, waiting: '' };
      const place = front;
      calls = calls.map((other, index) => (index === place ? told : other));
    }
    const isDone = isFinal || (front < calls.length - 1 && isComplete(call.given));
    if (!isDone) break;
    events.push({ type: 'callEnded', index: front });
    front += 1;
  }
  return { calls: { calls, front } };
}

/** Whether nothing can follow. */
function isComplete(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  // Some servers give the object itself.
  return objectOf(value) === undefined ? '' : JSON.stringify(value);
}

const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
