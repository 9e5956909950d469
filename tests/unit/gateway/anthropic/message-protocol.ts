/** A client of Messages streams that takes nothing on trust: it accepts what the protocol allows and nothing else. */
import type { ContentBlock, MessageEvent, WholeMessage } from '@gateway/dialects/anthropic/wire';

/** What a stream came to. */
export interface Received {
  readonly message: WholeMessage | undefined;
  /** Text, thoughts and arguments of each block, in order. */
  readonly blocks: readonly { readonly block: ContentBlock; readonly said: string }[];
  readonly pings: number;
  readonly error?: { readonly type: string; readonly message: string };
}

/** Reads a whole stream. Throws a sentence at the first event that has no place. */
export function receive(text: string): Received {
  const events = parseEvents(text);
  const blocks: { block: ContentBlock; said: string }[] = [];
  let message: WholeMessage | undefined;
  let open: { block: ContentBlock; said: string; isSigned: boolean } | undefined;
  let isStopped = false;
  let pings = 0;
  for (const [position, event] of events.entries()) {
    const isLast = position === events.length - 1;
    if (event.type === 'ping') {
      if (isStopped) throw new Error('a ping after message_stop');
      pings += 1;
      continue;
    }
    if (event.type === 'error') {
      if (!isLast) throw new Error('something follows the error');
      return { message, blocks, pings, error: event.error };
    }
    if (isStopped) throw new Error(`${event.type} after message_stop`);
    if (event.type === 'message_start') {
      if (message !== undefined) throw new Error('message_start twice');
      message = event.message;
      continue;
    }
    if (message === undefined) throw new Error(`${event.type} before message_start`);
    if (message.stop_reason !== null && event.type !== 'message_stop') {
      throw new Error(`${event.type} after message_delta`);
    }
    switch (event.type) {
      case 'content_block_start':
        if (open !== undefined) throw new Error('a block within a block');
        if (event.index !== blocks.length) throw new Error(`index ${event.index} out of order`);
        open = { block: event.content_block, said: '', isSigned: false };
        break;
      case 'content_block_delta':
        if (open === undefined || event.index !== blocks.length) throw new Error('no open block');
        if (open.isSigned) throw new Error('a thought after its signature');
        open.said += pieceOf(open.block, event.delta);
        open.isSigned = event.delta.type === 'signature_delta';
        break;
      case 'content_block_stop':
        if (open === undefined || event.index !== blocks.length) throw new Error('no open block');
        if (open.block.type === 'thinking' && !open.isSigned) throw new Error('not signed');
        blocks.push({ block: open.block, said: open.said });
        open = undefined;
        break;
      case 'message_delta':
        if (open !== undefined) throw new Error('message_delta within a block');
        if (blocks.length === 0) throw new Error('an answer without a block');
        message = { ...message, ...event.delta, usage: event.usage };
        break;
      case 'message_stop':
        if (message.stop_reason === null) throw new Error('message_stop before message_delta');
        isStopped = true;
    }
  }
  if (!isStopped) throw new Error('neither message_stop nor an error');
  return { message, blocks, pings };
}

function pieceOf(
  block: ContentBlock,
  delta: Extract<MessageEvent, { type: 'content_block_delta' }>['delta'],
): string {
  if (delta.type === 'text_delta' && block.type === 'text') return delta.text;
  if (delta.type === 'thinking_delta' && block.type === 'thinking') return delta.thinking;
  if (delta.type === 'input_json_delta' && block.type === 'tool_use') return delta.partial_json;
  if (delta.type === 'signature_delta' && block.type === 'thinking' && delta.signature !== '') {
    return '';
  }
  throw new Error(`${delta.type} in a block of ${block.type}`);
}

/** The events of a stream, each with the line that names it. */
export function parseEvents(text: string): readonly MessageEvent[] {
  const chunks = text.split('\n\n');
  if (chunks.pop() !== '') throw new Error('the stream ends within an event');
  return chunks.map((chunk) => {
    const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(chunk) ?? [];
    if (data === undefined) throw new Error(`not an event: ${chunk}`);
    const event: MessageEvent = JSON.parse(data);
    if (event.type !== name) throw new Error(`event ${name} holds ${event.type}`);
    return event;
  });
}
