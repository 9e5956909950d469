import type { Conversation, Message, Part, Tool } from '@gateway/conversation/conversation';

/** A conversation of these messages and tools, with nothing else asked for. */
export function conversation(
  messages: readonly Message[],
  tools: readonly Tool[] = [],
  fields: Partial<Conversation> = {},
): Conversation {
  return {
    model: 'a-model',
    messages,
    tools,
    sampling: {},
    isStream: true,
    wantsUsage: true,
    extra: {},
    changes: [],
    ...fields,
  };
}

export function text(value: string): Part[] {
  return [{ kind: 'text', text: value }];
}

export const system = (value: string): Message => ({ role: 'system', parts: text(value) });
export const user = (value: string): Message => ({ role: 'user', parts: text(value) });
export const assistant = (value: string): Message => ({
  role: 'assistant',
  parts: text(value),
  calls: [],
});
export const toolResult = (value: string): Message => ({
  role: 'tool',
  callId: 'call_1',
  parts: text(value),
});

export function tool(name: string, description = `Does what ${name} says. `.repeat(20)): Tool {
  return { name, description, parameters: { type: 'object', properties: { path: {} } } };
}
