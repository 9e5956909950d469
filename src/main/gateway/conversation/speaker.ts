import type { Dialect, Operation } from '@shared/gateway/record';
import type { Conversation } from './conversation';
import type { Refusal } from './refusal';
import type { Answer, AnswerContext, StreamEvent } from './stream-event';

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

/** How one request is to be answered. */
export interface AnswerForm {
  /** The name that was asked for. */
  readonly model: string;
  readonly isStream: boolean;
  readonly wantsUsage: boolean;
  stream(context: AnswerContext): AnswerWriter;
  /** A whole answer, as JSON. */
  whole(context: AnswerContext, answer: Answer): unknown;
  /** Told when the answer is whole: a dialect that keeps answers keeps it now. */
  readonly keep?: (() => void) | undefined;
}

/** One request as its dialect understands it. */
export interface Understood {
  readonly conversation: Conversation;
  readonly form: AnswerForm;
}

/** A client's dialect for conversations. */
export interface Speaker {
  readonly dialect: Dialect;
  readonly operation: Operation;
  /** Whether its clients speak as engines do: then their own bytes go on, but for what must change. */
  readonly isEnginesOwn: boolean;
  /** @throws RequestRefused naming the field. */
  understand(body: unknown, owner: string): Understood;
  refuse(refusal: Refusal): WrittenRefusal;
}
