/** Messages and tools as engines read them. */
import type { Message, Part, Tool } from '../../conversation/conversation';

/** The text of parts that are all text, joined as templates join them: with nothing between. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

/** A message of `chat/completions`. Text alone is a string, so that the same text is always the same prompt. */
export function writeMessage(message: Message): Readonly<Record<string, unknown>> {
  const content = writeContent(message.parts);
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content };
    case 'assistant':
      return {
        role: 'assistant',
        content,
        reasoning_content: message.reasoning,
        tool_calls:
          message.calls.length === 0
            ? undefined
            : message.calls.map((call) => ({
                id: call.id,
                type: 'function',
                function: { name: call.name, arguments: call.arguments },
              })),
      };
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, name: message.name, content };
  }
}

/** A tool of `chat/completions`. */
export function writeTool(tool: Tool): Readonly<Record<string, unknown>> {
  const { name, description, parameters, strict } = tool;
  return { type: 'function', function: { name, description, parameters, strict } };
}

function writeContent(parts: readonly Part[]): unknown {
  return parts.every((part) => part.kind === 'text') ? textOf(parts) : parts.map(writePart);
}

function writePart(part: Part): unknown {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: part.url } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
  }
}
