/**
 * The stream of a Messages answer: `message_start`, blocks one after the other, `message_delta`, `message_stop`. Each
 * event has its `event:` line, which Anthropic's packages need, and none is of our own, of which Vercel's provider dies.
 */
import type {
  AnswerContext,
  StopReason,
  StreamEvent,
  StreamFailure,
  StreamWriter,
  Usage,
} from '../../conversation/stream-event';
import { emptyMessage, endOf, THINKING_SIGNATURE, usageOf } from './answer';
import { failureBody } from './refusal';
import type { BlockDelta, ContentBlock, MessageEvent } from './wire';

type BlockType = ContentBlock['type'];
type Said = Extract<StreamEvent, { type: 'text' | 'reasoning' }>;
type CallBegun = Extract<StreamEvent, { type: 'callBegun' }>;
type CallArguments = Extract<StreamEvent, { type: 'callArguments' }>;

/** Where a stream is. */
export interface MessageStream {
  readonly context: AnswerContext;
  /** Whether `message_start` was written. */
  readonly isBegun: boolean;
  /** Whether nothing may follow. */
  readonly isOver: boolean;
  /** The block that is open, and the number of the call that it is. */
  readonly open?: { readonly type: BlockType; readonly call?: number } | undefined;
  /** Blocks that were begun. */
  readonly blocks: number;
  readonly hasCalls: boolean;
  /** What came between the pieces of a call: it follows the call, as no block can be gone back to. */
  readonly held: readonly Said[];
  readonly usage?: Usage | undefined;
  readonly stop?:
    | { readonly reason: StopReason; readonly sequence?: string | undefined }
    | undefined;
}

/** A state and the events that led to it. */
interface Step {
  readonly state: MessageStream;
  readonly events: readonly MessageEvent[];
}

export const messagesWriter: StreamWriter<MessageStream> = {
  begin: (context) => ({
    context,
    isBegun: false,
    isOver: false,
    blocks: 0,
    hasCalls: false,
    held: [],
  }),
  write: (state, event) => {
    const step = advance(state, event);
    return { state: step.state, text: step.events.map(eventText).join('') };
  },
  // Accepted before `message_start` too, by each client that was tried.
  beat: (state) => ({ state, text: state.isOver ? '' : eventText({ type: 'ping' }) }),
  end: (state) => finish(state).map(eventText).join(''),
};

/** One event as server-sent text. */
export function eventText(event: MessageEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function advance(state: MessageStream, event: StreamEvent): Step {
  if (state.isOver) return { state, events: [] };
  switch (event.type) {
    case 'started':
      return start(state);
    case 'text':
    case 'reasoning':
      if (event.text === '') return { state, events: [] };
      if (state.open?.type === 'tool_use') return hold(state, event);
      return say(state, event);
    case 'callBegun':
      return beginCall(state, event);
    case 'callArguments':
      return addArguments(state, event);
    case 'callEnded':
      return state.open?.call === event.index ? close(state) : { state, events: [] };
    case 'usage':
      return { state: { ...state, usage: event.usage }, events: [] };
    case 'stopped':
      return {
        state: { ...state, stop: { reason: event.reason, sequence: event.stopSequence } },
        events: [],
      };
    case 'failed':
      return fail(state, event.failure);
  }
}

function start(state: MessageStream): Step {
  if (state.isBegun) return { state, events: [] };
  const message = emptyMessage(state.context);
  return { state: { ...state, isBegun: true }, events: [{ type: 'message_start', message }] };
}

/** A piece of text or of a thought, in the block that is open or in a new one. */
function say(state: MessageStream, event: Said): Step {
  const type = event.type === 'text' ? 'text' : 'thinking';
  const ready: Step =
    state.open?.type === type ? { state, events: [] } : open(state, emptyBlock(type));
  return then(ready, (now) => delta(now, saidDelta(event)));
}

function beginCall(state: MessageStream, { index, id, name }: CallBegun): Step {
  const opened = open(state, { type: 'tool_use', id, name, input: {} }, index);
  return { state: { ...opened.state, hasCalls: true }, events: opened.events };
}

function addArguments(state: MessageStream, { index, text }: CallArguments): Step {
  if (state.open?.call !== index) {
    const message = `The engine went on with tool call ${index}, which is not open.`;
    return fail(state, { message, code: 'server_error' });
  }
  if (text === '') return { state, events: [] };
  return delta(state, { type: 'input_json_delta', partial_json: text });
}

/** Opens a block after whatever is open was closed and what was held was said. */
function open(state: MessageStream, block: ContentBlock, call?: number): Step {
  return then(close(state), (closed) =>
    then(closeOnly(closed), (now) =>
      then(start(now), (begun) => ({
        state: {
          ...begun,
          open: call === undefined ? { type: block.type } : { type: block.type, call },
          blocks: begun.blocks + 1,
        },
        events: [{ type: 'content_block_start', index: begun.blocks, content_block: block }],
      })),
    ),
  );
}

/** Closes the open block, and says what was held back until then. */
function close(state: MessageStream): Step {
  return then(closeOnly(state), ({ held, ...closed }) =>
    held.reduce<Step>((step, event) => then(step, (now) => advance(now, event)), {
      state: { ...closed, held: [] },
      events: [],
    }),
  );
}

function closeOnly(state: MessageStream): Step {
  if (state.open === undefined) return { state, events: [] };
  const signed: Step =
    state.open.type === 'thinking'
      ? delta(state, { type: 'signature_delta', signature: THINKING_SIGNATURE })
      : { state, events: [] };
  return then(signed, (now) => ({
    state: { ...now, open: undefined },
    events: [{ type: 'content_block_stop', index: now.blocks - 1 }],
  }));
}

function hold(state: MessageStream, event: Said): Step {
  const last = state.held.at(-1);
  const held =
    last?.type === event.type
      ? [...state.held.slice(0, -1), { ...last, text: last.text + event.text }]
      : [...state.held, event];
  return { state: { ...state, held }, events: [] };
}

function delta(state: MessageStream, piece: BlockDelta): Step {
  return {
    state,
    events: [{ type: 'content_block_delta', index: state.blocks - 1, delta: piece }],
  };
}

/** The error takes the place of all that would follow. */
function fail(state: MessageStream, failure: StreamFailure): Step {
  return { state: { ...state, isOver: true }, events: [failureBody(failure)] };
}

function finish(state: MessageStream): readonly MessageEvent[] {
  if (state.isOver) return [];
  const { stop } = state;
  if (stop === undefined) {
    const message = 'The answer ended before the engine said that it was complete.';
    return fail(state, { message, code: 'server_error' }).events;
  }
  const closed = then(close(state), closeOnly);
  const filled = closed.state.blocks > 0 ? closed : then(then(closed, openEmpty), closeOnly);
  const { state: last, events } = filled;
  return [
    ...events,
    {
      type: 'message_delta',
      delta: endOf(stop.reason, stop.sequence, last.hasCalls),
      usage: usageOf(last.usage, last.context),
    },
    { type: 'message_stop' },
  ];
}

const openEmpty = (state: MessageStream): Step => open(state, emptyBlock('text'));

function emptyBlock(type: 'text' | 'thinking'): ContentBlock {
  return type === 'text'
    ? { type: 'text', text: '' }
    : { type: 'thinking', thinking: '', signature: '' };
}

function saidDelta(event: Said): BlockDelta {
  return event.type === 'text'
    ? { type: 'text_delta', text: event.text }
    : { type: 'thinking_delta', thinking: event.text };
}

/** The next step from where one ended, with the events of both. */
function then(step: Step, next: (state: MessageStream) => Step): Step {
  const following = next(step.state);
  return { state: following.state, events: [...step.events, ...following.events] };
}
