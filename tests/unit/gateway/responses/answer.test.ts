import { finishedResponse, responsesAnswer } from '@gateway/dialects/responses';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { context, facts, type Happening, write } from './some-answers';

it('is what a stream of the same ends with', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.option(fc.string(), { nil: undefined }),
      fc.array(fc.constantFrom('get_weather', 'agents__tell', 'apply_patch'), { maxLength: 3 }),
      fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
      (text, reasoning, names, reason) => {
        const calls = names.map((name, index) => ({ id: `call_${index}`, name, arguments: '{}' }));
        const usage = { promptTokens: 3, answerTokens: 2 };
        const answer = { text, reasoning, calls, reason, usage };
        const happenings: Happening[] = [
          { type: 'reasoning', text: reasoning ?? '' },
          { type: 'text', text },
          ...calls.flatMap((call, index): Happening[] => [
            { type: 'callBegun', index, id: call.id, name: call.name },
            { type: 'callArguments', index, text: call.arguments },
            { type: 'callEnded', index },
          ]),
          { type: 'stopped', reason },
          { type: 'usage', usage },
        ];
        expect(responsesAnswer(context, answer, facts)).toEqual(
          finishedResponse(write(happenings).state),
        );
      },
    ),
  );
});

it('repeats of its request what SDKs read', () => {
  const answer = responsesAnswer(context, { text: 'hi', calls: [], reason: 'stop' }, facts);
  expect(answer).toMatchObject({
    instructions: null,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: true,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    truncation: 'disabled',
    metadata: {},
  });
  // The hosted one was left out.
  expect(answer.tools).toHaveLength(3);
});
