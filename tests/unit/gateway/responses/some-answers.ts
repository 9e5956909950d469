import { responsesWriter } from '@gateway/dialects/responses';
import type { AnswerContext, StreamEvent } from '@gateway/conversation/stream-event';
import fc from 'fast-check';

import { requestWith, someTools } from './some-request';

export const context: AnswerContext = {
  id: 'abc',
  model: 'qwen3-8b',
  created: 1_790_000_000,
  wantsUsage: true,
};

export const facts = requestWith({ tools: someTools });

/** Something that reaches the writer: of the engine, or the clock's beat. */
export type Happening = StreamEvent | 'beat';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const names = ['get_weather', 'agents__spawn', 'agents__tell', 'apply_patch', 'never_offered'];

interface Call {
  readonly name: string;
  readonly pieces: readonly string[];
  readonly interruption: readonly Happening[];
}

const speech = fc.oneof(
  text.map((said): Happening => ({ type: 'text', text: said })),
  text.map((thought): Happening => ({ type: 'reasoning', text: thought })),
  fc.constant<Happening>('beat'),
);

const call: fc.Arbitrary<Call> = fc.record({
  name: fc.constantFrom(...names),
  pieces: fc.oneof(
    fc.array(text, { maxLength: 4 }),
    text.map((input) => {
      const whole = JSON.stringify({ input });
      return [whole.slice(0, 5), whole.slice(5)];
    }),
  ),
  interruption: fc.array(speech, { maxLength: 2 }),
});

function happeningsOf(parts: readonly (Happening | Call)[]): Happening[] {
  let index = -1;
  return parts.flatMap((part): Happening[] => {
    if (typeof part === 'string' || !('pieces' in part)) return [part];
    index += 1;
    const mine = index;
    const pieces = part.pieces.map(
      (piece): Happening => ({ type: 'callArguments', index: mine, text: piece }),
    );
    return [
      { type: 'callBegun', index: mine, id: `call_${mine}`, name: part.name },
      ...pieces.slice(0, 1),
      ...part.interruption,
      ...pieces.slice(1),
      { type: 'callEnded', index: mine },
    ];
  });
}

const usage = fc.record({
  promptTokens: fc.nat(99_999),
  answerTokens: fc.nat(999),
  cachedTokens: fc.option(fc.nat(99), { nil: undefined }),
  reasoningTokens: fc.option(fc.nat(99), { nil: undefined }),
});

const ending: fc.Arbitrary<readonly Happening[]> = fc.oneof(
  fc
    .tuple(fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'), usage)
    .map(([reason, counted]): Happening[] => [
      { type: 'stopped', reason },
      { type: 'usage', usage: counted },
    ]),
  fc.constant<Happening[]>([
    { type: 'failed', failure: { code: 'server_error', message: 'It broke.' } },
  ]),
  fc.constant<Happening[]>([]),
);

/** Whatever an engine may say, from its start to its end. */
export const someAnswer: fc.Arbitrary<readonly Happening[]> = fc
  .tuple(fc.array(fc.oneof(speech, call), { maxLength: 12 }), ending, fc.boolean())
  .map(([parts, end, isAnnounced]) => [
    ...(isAnnounced ? [{ type: 'started' } as const] : []),
    ...happeningsOf(parts),
    ...end,
  ]);

/** What a client gets, and the state at the end. */
export function write(happenings: readonly Happening[]) {
  const writer = responsesWriter(facts);
  let state = writer.begin(context);
  let sent = '';
  for (const happening of happenings) {
    const step = happening === 'beat' ? writer.beat(state) : writer.write(state, happening);
    state = step.state;
    sent += step.text;
  }
  return { text: sent + writer.end(state), state };
}
