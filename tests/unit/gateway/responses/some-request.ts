import { type LookUp, type ResponsesRequest, readResponses } from '@gateway/dialects/responses';

/** Nothing was said before. */
export const nothing: LookUp = {
  response: () => undefined,
  conversation: () => undefined,
  item: () => undefined,
};

/** Tools of each kind that a model can call. */
export const someTools = [
  {
    type: 'function',
    name: 'get_weather',
    description: 'The weather.',
    strict: true,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
  {
    type: 'namespace',
    name: 'agents',
    description: 'Other agents.',
    tools: [
      { type: 'function', name: 'spawn', parameters: { type: 'object', properties: {} } },
      { type: 'custom', name: 'tell' },
    ],
  },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Changes files.',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
  },
  { type: 'web_search', external_web_access: false },
];

/** Reads a request with a model and a greeting, unless the fields say something else. */
export function requestWith(
  fields: Readonly<Record<string, unknown>> = {},
  lookUp: LookUp = nothing,
): ResponsesRequest {
  return readResponses({ model: 'qwen3-8b', input: 'hi', ...fields }, lookUp);
}
