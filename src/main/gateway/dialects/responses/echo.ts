import {
  type Fields,
  optionalBoolean,
  optionalFields,
  optionalNumber,
  optionalString,
} from './fields';
import type { ResponseEcho } from './wire';

/**
 * What a response repeats of its request, with OpenAI's defaults where the request is silent. SDKs read these fields
 * without asking whether they are there.
 */
export function echoOf(
  body: Fields,
  tools: readonly Fields[],
  conversation: string | undefined,
): ResponseEcho {
  const reasoning = optionalFields(body, 'reasoning');
  const text = optionalFields(body, 'text');
  return {
    instructions: typeof body.instructions === 'string' ? body.instructions : null,
    max_output_tokens: optionalNumber(body, 'max_output_tokens') ?? null,
    metadata: optionalFields(body, 'metadata') ?? {},
    parallel_tool_calls: optionalBoolean(body, 'parallel_tool_calls') ?? true,
    previous_response_id: optionalString(body, 'previous_response_id') ?? null,
    ...(conversation === undefined ? {} : { conversation: { id: conversation } }),
    reasoning: { effort: reasoning?.effort ?? null, summary: reasoning?.summary ?? null },
    store: optionalBoolean(body, 'store') ?? true,
    temperature: optionalNumber(body, 'temperature') ?? null,
    text: { ...text, format: text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools,
    top_p: optionalNumber(body, 'top_p') ?? null,
    truncation: 'disabled',
  };
}
