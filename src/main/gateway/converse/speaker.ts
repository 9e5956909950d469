import type { Dialect, Operation } from '@shared/gateway/record';
import type { Conversation } from '../conversation/conversation';
import type { Refusal } from '../conversation/refusal';
import type { Answer, AnswerContext, StreamEvent } from '../conversation/stream-event';

/** Headers of a request by their lower-case names; of one that came twice the values joined by a comma. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A refusal as a dialect says it. */
export interface WrittenRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Writes one streamed answer: what it returns is sent as it is. */
export interface AnswerWriter {
  write(event: StreamEvent): string;
  /** A sign of life, in words that this dialect's clients count as one. */
  beat(): string;
  end(): string;
}

/** One request as its dialect understands it. */
export interface Understood {
  readonly conversation: Conversation;
  /** The request's body where the client already speaks as engines do: its own bytes go on, but for what must change. */
  readonly sameDialect: boolean;
  stream(context: AnswerContext): AnswerWriter;
  /** A whole answer, as JSON. */
  whole(context: AnswerContext, answer: Answer): unknown;
  /** Told when the answer is whole: a dialect that keeps answers keeps it now. */
  readonly keep?: ((context: AnswerContext, answer: Answer) => void) | undefined;
}

/** A client's dialect for conversations. */
export interface Speaker {
  readonly dialect: Dialect;
  readonly operation: Operation;
  /** @throws RequestRefused naming the field. */
  understand(body: unknown, headers: Headers, owner: string): Understood;
  refuse(refusal: Refusal): WrittenRefusal;
}
