/** Streams as an engine could tell them, for property tests. */
import fc from 'fast-check';
import type {
  AnswerContext,
  StopReason,
  StreamEvent,
  StreamWriter,
} from '@gateway/conversation/stream-event';

export const CONTEXT: AnswerContext = {
  id: '1',
  model: 'qwen3-8b',
  created: 1_700_000_000,
  wantsUsage: true,
  promptTokens: 12,
};

const REASONS: readonly StopReason[] = ['stop', 'length', 'tool_calls', 'content_filter'];

/** Text and thoughts, with empty pieces and what JSON and lines must escape among them. */
const said: fc.Arbitrary<StreamEvent> = fc.record({
  type: fc.constantFrom('text' as const, 'reasoning' as const),
  text: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\n\n', 'data: x', ' 😀')),
});

/** A call whose arguments come in pieces, with other things said between them. */
function call(argumentTexts: fc.Arbitrary<string>): fc.Arbitrary<readonly StreamEvent[]> {
  return fc
    .tuple(argumentTexts, fc.array(fc.nat(200), { maxLength: 4 }), fc.array(said, { maxLength: 2 }))
    .map(([text, cuts, between]) => {
      const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort(
        (one, other) => one - other,
      );
      const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
      return [
        { type: 'callBegun', index: 0, id: 'call_0', name: 'get_weather' },
        ...pieces.flatMap((piece): StreamEvent[] => [
          { type: 'callArguments', index: 0, text: piece },
          ...between,
        ]),
        { type: 'callEnded', index: 0 },
      ];
    });
}

const usage: fc.Arbitrary<StreamEvent> = fc
  .record({
    promptTokens: fc.nat(1000),
    answerTokens: fc.nat(1000),
    cachedTokens: fc.option(fc.nat(1000), { nil: undefined }),
  })
  .map((told) => ({ type: 'usage', usage: told }));

/** What an engine says until its stream ends well, with the reason. */
export function wholeStream(
  argumentTexts: fc.Arbitrary<string>,
): fc.Arbitrary<readonly StreamEvent[]> {
  const parts = fc.array(
    fc.oneof(
      said.map((event) => [event]),
      call(argumentTexts),
      usage.map((event) => [event]),
    ),
    { maxLength: 8 },
  );
  return fc
    .tuple(fc.boolean(), parts, fc.constantFrom(...REASONS), fc.option(usage, { nil: undefined }))
    .map(([isStarted, events, reason, last]) => [
      ...(isStarted ? [{ type: 'started' as const }] : []),
      ...numbered(events),
      { type: 'stopped', reason },
      ...(last === undefined ? [] : [last]),
    ]);
}

/** Calls are numbered from 0, each with an id of its own. */
function numbered(parts: readonly (readonly StreamEvent[])[]): readonly StreamEvent[] {
  let calls = 0;
  return parts.flatMap((events) => {
    if (!events.some(({ type }) => type === 'callBegun')) return events;
    const index = calls;
    calls += 1;
    return events.map((event) => {
      if (event.type === 'callBegun') return { ...event, index, id: `call_${index}` };
      return 'index' in event ? { ...event, index } : event;
    });
  });
}

/** What a writer makes of events, with a beat before every one at these positions. */
export function written<State>(
  writer: StreamWriter<State>,
  events: readonly StreamEvent[],
  beats: readonly number[] = [],
  context: AnswerContext = CONTEXT,
): string {
  let state = writer.begin(context);
  let text = '';
  const take = (step: { readonly state: State; readonly text: string }): void => {
    state = step.state;
    text += step.text;
  };
  events.forEach((event, position) => {
    if (beats.includes(position)) take(writer.beat(state));
    take(writer.write(state, event));
  });
  return text + writer.end(state);
}
