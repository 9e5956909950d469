import type { GatewayRequest } from '@shared/domain/gateway-records';

/** Speeds older than this say little of now, ms. */
export const SPEED_MS = 60 * 60 * 1000;

/** How fast a profile answered, tokens per second. */
export interface Speed {
  readonly last: number;
  /** The middle one of the last hour. */
  readonly median: number;
}

/**
 * Of the answers of one profile, or of all, in the last hour; undefined where none was measured. Pure.
 * @param requests the newest first.
 * @param now ms.
 */
export function speedOf(
  requests: readonly GatewayRequest[],
  now: number,
  profileId?: string,
): Speed | undefined {
  const speeds = requests.flatMap((one) =>
    one.tokensPerSecond !== undefined &&
    (profileId === undefined || one.profileId === profileId) &&
    now - Date.parse(one.time) <= SPEED_MS
      ? [one.tokensPerSecond]
      : [],
  );
  const [last] = speeds;
  const median = speeds.toSorted((a, b) => a - b)[Math.floor(speeds.length / 2)];
  return last === undefined || median === undefined ? undefined : { last, median };
}

/** What went through in the last hour. */
export interface LastHour {
  readonly requests: number;
  readonly failed: number;
  /** Share of the prompts' tokens that engines reused, of those of which they told; 0 to 1. */
  readonly reuse: number | undefined;
  readonly speed: Speed | undefined;
  /** There were more than were asked for. */
  readonly isMore: boolean;
}

/** @param limit how many requests were asked for. */
export function lastHour(
  requests: readonly GatewayRequest[],
  now: number,
  limit: number,
): LastHour {
  const recent = requests.filter(({ time }) => now - Date.parse(time) <= SPEED_MS);
  const told = recent.filter(
    ({ promptTokens, cachedTokens }) => promptTokens !== undefined && cachedTokens !== undefined,
  );
  const prompt = told.reduce((sum, { promptTokens = 0 }) => sum + promptTokens, 0);
  const cached = told.reduce((sum, { cachedTokens = 0 }) => sum + cachedTokens, 0);
  return {
    requests: recent.length,
    failed: recent.filter(({ ending }) => ending === 'failed').length,
    reuse: prompt > 0 ? cached / prompt : undefined,
    speed: speedOf(recent, now),
    isMore: recent.length >= limit,
  };
}
