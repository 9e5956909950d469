import {
  finishedResponse,
  type ResponseObject,
  type ResponsesEvent,
} from '@gateway/dialects/responses';
import fc from 'fast-check';
import OpenAI from 'openai';
import type {
  Response as OfficialResponse,
  ResponseCreateParamsBase,
  ResponseStreamEvent,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import PreviousOpenAI from 'openai-6';
import { describe, expect, it } from 'vitest';

import { type Happening, someAnswer, write } from './some-answers';
import { requestWith } from './some-request';

/**
 * What the official type has and ours leaves open: fields that repeat the client's own words, `output_text`, which the
 * package adds itself, programs of OpenAI's, the usage, which is null in the service's own first events, and the error,
 * whose code may be one that the service sends and the package does not list (`context_length_exceeded`).
 */
type LeftOpen =
  | 'access_programs'
  | 'error'
  | 'instructions'
  | 'metadata'
  | 'output_text'
  | 'reasoning'
  | 'text'
  | 'tool_choice'
  | 'tools'
  | 'usage';

type Comparable<T> = T extends { response: unknown } ? Omit<T, 'response'> : T;

// These fail to compile where a field is missing or has another type than in the official package.
const officialResponse = (ours: ResponseObject): Omit<OfficialResponse, LeftOpen> => ours;
const officialUsage = (ours: NonNullable<ResponseObject['usage']>): ResponseUsage => ours;
const officialEvent = (ours: Comparable<ResponsesEvent>): Comparable<ResponseStreamEvent> => ours;

/** A client of the official package that is answered by ours. */
const clientOf = (Client: typeof OpenAI, body: string, type: string) =>
  new Client({
    apiKey: 'key',
    baseURL: 'http://127.0.0.1:9/v1',
    maxRetries: 0,
    fetch: async () => new Response(body, { headers: { 'content-type': type } }),
  });

describe.each([
  ['newest', OpenAI],
  // Its types differ in what is of no matter here.
  ['previous', PreviousOpenAI as unknown as typeof OpenAI],
])('the %s official package', (_name, Client) => {
  it('gathers any stream to the response that it ended with', async () => {
    await fc.assert(
      fc.asyncProperty(someAnswer, async (happenings) => {
        const { text, state } = write(happenings);
        const client = clientOf(Client, text, 'text/event-stream');
        const stream = client.responses.stream({ model: 'm', input: 'hi' });
        const { output, status, usage, error } = await stream.finalResponse();
        const ours = finishedResponse(state);
        expect(output).toMatchObject(JSON.parse(JSON.stringify(ours.output)));
        expect({ status, usage, error }).toEqual({
          status: ours.status,
          usage: ours.usage,
          error: ours.error,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('tells each event as it was written', async () => {
    const happenings: Happening[] = [
      { type: 'reasoning', text: 'Hm' },
      'beat',
      { type: 'text', text: 'Yes' },
      { type: 'stopped', reason: 'stop' },
    ];
    const client = clientOf(Client, write(happenings).text, 'text/event-stream');
    const types: string[] = [];
    const stream = await client.responses.create({ model: 'm', input: 'hi', stream: true });
    for await (const event of stream) types.push(event.type);
    expect(types).toContain('response.reasoning_summary_text.delta');
    expect(types.at(-1)).toBe('response.completed');
  });

  it('reads the text of a whole answer', async () => {
    const { state } = write([
      { type: 'text', text: 'Yes' },
      { type: 'stopped', reason: 'stop' },
    ]);
    const body = JSON.stringify(officialResponse(finishedResponse(state)));
    const client = clientOf(Client, body, 'application/json');
    const response = await client.responses.create({ model: 'm', input: 'hi' });
    expect(response.output_text).toBe('Yes');
  });
});

it('knows every field that the official package can send', () => {
  // Fails to compile where one is missing.
  const fields = {
    ...{ model: 'm', input: 'hi', instructions: 'Be short.', conversation: null, prompt: null },
    ...{ previous_response_id: null, background: false, background_options: {}, stream: false },
    ...{ tools: [], tool_choice: 'auto', parallel_tool_calls: true, max_tool_calls: 3 },
    ...{ temperature: 1, top_p: 1, top_logprobs: 0, max_output_tokens: 9, truncation: 'disabled' },
    ...{ reasoning: { effort: 'low' }, text: { verbosity: 'low' }, include: [], store: false },
    ...{ stream_options: {}, metadata: {}, prompt_cache_key: 'k', prompt_cache_options: {} },
    ...{ prompt_cache_retention: '24h', safety_identifier: 's', service_tier: 'auto', user: 'u' },
    ...{ context_management: [], moderation: null, access_programs: {}, image: {} },
  } satisfies Record<keyof ResponseCreateParamsBase, unknown>;
  const { conversation } = requestWith(fields);
  expect(conversation.extra).toEqual({});
  expect(conversation.changes).toEqual([]);
});

it('has the types of the official package', () => {
  const event: Comparable<ResponsesEvent> = {
    type: 'response.output_text.delta',
    sequence_number: 0,
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta: 'a',
    logprobs: [],
  };
  expect(officialEvent(event)).toBe(event);
  const usage = {
    input_tokens: 3,
    input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 as const },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 4,
  };
  expect(officialUsage(usage)).toBe(usage);
});
