import { speedOf } from './shown-records';

/** A figure the last time and in the middle of the last hour. */
export interface LastAndMedian {
  readonly last: number;
  readonly median: number;
}

/** How fast a profile answered; what was not measured is left out. */
export interface ProfileSpeed {
  /** Answers that were measured. */
  readonly answers: number;
  readonly tokensPerSecond?: LastAndMedian;
  /** Of the engine alone, without queue and load. */
  readonly firstTokenMs?: LastAndMedian;
}

interface Answered {
  readonly answerTokens?: number | undefined;
  readonly generationMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
}

/** @param answers the newest first. */
export function profileSpeed(answers: readonly Answered[]): ProfileSpeed {
  const tokensPerSecond = lastAndMedian(answers.map(speedOf));
  const firstTokenMs = lastAndMedian(answers.map((answer) => answer.firstTokenMs));
  return {
    answers: answers.length,
    ...(tokensPerSecond && { tokensPerSecond }),
    ...(firstTokenMs && { firstTokenMs }),
  };
}

function lastAndMedian(values: readonly (number | undefined)[]): LastAndMedian | undefined {
  const known = values.filter((value) => value !== undefined);
  const [last] = known;
  const median = known.toSorted((a, b) => a - b)[Math.floor(known.length / 2)];
  return last === undefined || median === undefined ? undefined : { last, median };
}
