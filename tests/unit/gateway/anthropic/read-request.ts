/** Requests of a test, read. */
import type { Conversation } from '@gateway/conversation/conversation';
import { RequestRefused } from '@gateway/conversation/refusal';
import { readMessages } from '@gateway/dialects/anthropic';

/** A request with these fields beside those that it must have. */
export const read = (fields: object): Conversation =>
  readMessages({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
    ...fields,
  });

/** Why it is refused. Throws where it is not. */
export function refusalOf(read: () => unknown): { param?: string | undefined; message: string } {
  try {
    read();
  } catch (error) {
    if (error instanceof RequestRefused) return error.refusal;
    throw error;
  }
  throw new Error('it was not refused');
}

/** Text and arguments of all messages, in order; of anything else what it is. */
export function textsOf({ messages }: Conversation): unknown[] {
  return messages.flatMap((message) => [
    ...message.parts.map((part) => (part.kind === 'text' ? part.text : part.kind)),
    ...('calls' in message ? message.calls.map((call) => call.arguments) : []),
  ]);
}
