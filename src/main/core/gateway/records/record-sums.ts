import type { PrefixCause } from '@shared/domain/prefix-cause';
import type { RequestRecord } from '@shared/gateway/record';

/** What records of one batch add to the sums of a session or a key. */
export interface Sum {
  readonly id: string;
  readonly newest: RequestRecord;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly requests: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly answerTokens: number;
  /** Prompt tokens of the requests of which the engine told what it reused. */
  readonly toldTokens: number;
}

export interface CauseSum {
  readonly session: string;
  readonly cause: PrefixCause;
  readonly requests: number;
  readonly tokensAgain: number;
  readonly secondsAgain: number;
}

/** One sum for each value of `idOf`, so that a batch writes each row once. */
export function sumsBy(
  records: readonly RequestRecord[],
  idOf: (record: RequestRecord) => string | undefined,
): Sum[] {
  const sums = new Map<string, Sum>();
  for (const record of records) {
    const id = idOf(record);
    if (id !== undefined) sums.set(id, added(sums.get(id), id, record));
  }
  return [...sums.values()];
}

function added(sum: Sum | undefined, id: string, record: RequestRecord): Sum {
  const { time, promptTokens = 0, cachedTokens, answerTokens = 0 } = record;
  return {
    id,
    newest: record,
    firstTime: Math.min(sum?.firstTime ?? time, time),
    lastTime: Math.max(sum?.lastTime ?? time, time),
    requests: (sum?.requests ?? 0) + 1,
    promptTokens: (sum?.promptTokens ?? 0) + promptTokens,
    cachedTokens: (sum?.cachedTokens ?? 0) + (cachedTokens ?? 0),
    answerTokens: (sum?.answerTokens ?? 0) + answerTokens,
    toldTokens: (sum?.toldTokens ?? 0) + (cachedTokens === undefined ? 0 : promptTokens),
  };
}

/** What the records' sessions lost, by cause. */
export function causesOf(records: readonly RequestRecord[]): CauseSum[] {
  const sums = new Map<string, CauseSum>();
  for (const { session, prefix } of records) {
    if (session === undefined || prefix === undefined || prefix.cause === 'none') continue;
    const { cause, tokensAgain, secondsAgain = 0 } = prefix;
    const key = `${cause}\n${session}`;
    const sum = sums.get(key);
    sums.set(key, {
      session,
      cause,
      requests: (sum?.requests ?? 0) + 1,
      tokensAgain: (sum?.tokensAgain ?? 0) + tokensAgain,
      secondsAgain: (sum?.secondsAgain ?? 0) + secondsAgain,
    });
  }
  return [...sums.values()];
}
