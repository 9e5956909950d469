import type { AnswerWriter } from './speaker';
import type { AnswerContext, StreamWriter } from './stream-event';

/** A pure writer with its state kept for one answer. */
export function writerOf<State>(writer: StreamWriter<State>, context: AnswerContext): AnswerWriter {
  let state = writer.begin(context);
  const step = (next: { readonly state: State; readonly text: string }): string => {
    state = next.state;
    return next.text;
  };
  return {
    write: (event) => step(writer.write(state, event)),
    beat: () => step(writer.beat(state)),
    end: () => writer.end(state),
  };
}
