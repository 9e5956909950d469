import type { PrefixCause } from '@shared/domain/prefix-cause';
import type { PrefixFinding } from '@shared/gateway/record';
import type { PrefixComparison } from './prefix-memory';
import { breakOf, commonEnd, type PromptBreak } from './prompt-break';
import type { TextPart } from './prompt-parts';

/** Everything by which a cause is told. */
export interface PrefixFacts {
  readonly comparison: PrefixComparison;
  readonly next: readonly TextPart[];
  /** What was found of the session's last prompt. */
  readonly last?: PrefixFinding | undefined;
  /** Whether the server was started again since. */
  readonly isOtherRun: boolean;
  /** Who used the server since. */
  readonly inBetween?: 'side_call' | 'session' | undefined;
  /** As the engine reported them; undefined where it did not. */
  readonly promptTokens?: number | undefined;
  readonly cachedTokens?: number | undefined;
  /** Measured speed at which the engine reads a prompt, tokens per second. */
  readonly readingSpeed?: number | undefined;
}

/** What an engine computes anew in any case: the last tokens, the rest of a block of its cache. */
const ALWAYS_AGAIN = 128;
const ALWAYS_AGAIN_SHARE = 0.05;
/** Characters of a token, where the engine does not count. */
const CHARACTERS_PER_TOKEN = 4;

/** Why an engine computed what it had computed before, and what that cost. */
export function findCause(facts: PrefixFacts): PrefixFinding {
  const broken = breakOf(facts.comparison, facts.next, facts.last);
  const cost = costOf(facts, broken);
  const { commonParts } = facts.comparison;
  const tokensAgain = Math.round(cost.again);
  const { readingSpeed = 0 } = facts;
  const common = {
    commonParts,
    tokensAgain,
    isEstimate: facts.promptTokens === undefined || facts.cachedTokens === undefined,
    ...(readingSpeed > 0 && { secondsAgain: cost.again / readingSpeed }),
  };
  const most = Math.max(ALWAYS_AGAIN, ALWAYS_AGAIN_SHARE * cost.promptTokens);
  if (tokensAgain <= most) return { ...common, cause: 'none' };
  if (broken && cost.byBreak >= cost.byEngine) return { ...common, ...broken };
  const cause = engineCause(facts);
  const hasRival = cause === 'evicted' || cause === 'cache_too_small';
  return { ...common, cause, ...(hasRival && { inBetween: facts.inBetween }) };
}

/** Why what is the same in both prompts was not in the engine's cache. */
function engineCause({ isOtherRun, inBetween, last }: PrefixFacts): PrefixCause {
  if (isOtherRun) return 'restarted';
  if (inBetween === undefined) return 'not_reused';
  // Once may be chance; a second time in a row the two will go on like that.
  const wasToo = last?.cause === 'evicted' || last?.cause === 'cache_too_small';
  return wasToo ? 'cache_too_small' : 'evicted';
}

interface Cost {
  readonly promptTokens: number;
  /** Tokens that were computed though the last prompt held them, and which part of that is whose doing. */
  readonly again: number;
  readonly byBreak: number;
  readonly byEngine: number;
}

function costOf(facts: PrefixFacts, broken: PromptBreak | undefined): Cost {
  const { comparison, next, isOtherRun } = facts;
  const characters = next.reduce((sum, { length }) => sum + length, 0);
  const promptTokens = facts.promptTokens ?? characters / CHARACTERS_PER_TOKEN;
  const perCharacter = characters === 0 ? 0 : promptTokens / characters;
  const common = commonLengthOf(comparison, next);
  const { promptTokens: before } = comparison.previous;
  // The engine's own count of the last prompt is exact where that is the beginning of this one.
  const isCounted = !broken && before !== undefined && facts.promptTokens !== undefined;
  const commonTokens = isCounted ? Math.min(before, promptTokens) : common * perCharacter;
  const freshTokens = isCounted
    ? promptTokens - commonTokens
    : (characters - common - movedLength(comparison, next)) * perCharacter;
  const cachedTokens = facts.cachedTokens ?? (isOtherRun ? 0 : commonTokens);
  const computed = Math.max(0, promptTokens - cachedTokens);
  const again = Math.min(computed, Math.max(0, computed - freshTokens));
  const byEngine = Math.min(again, Math.max(0, commonTokens - cachedTokens));
  return { promptTokens, again, byEngine, byBreak: again - byEngine };
}

/** Characters of the common beginning. */
function commonLengthOf(
  { commonParts, commonCharacters = 0 }: PrefixComparison,
  next: readonly TextPart[],
): number {
  return next.slice(0, commonParts).reduce((sum, { length }) => sum + length, commonCharacters);
}

/** Characters behind the common beginning that the last prompt held too, in another place or behind a change. */
function movedLength(
  { previous, commonParts, commonCharacters = 0 }: PrefixComparison,
  next: readonly TextPart[],
): number {
  const left = new Map<string, number>();
  for (const { hash } of previous.parts.slice(commonParts)) {
    left.set(hash, (left.get(hash) ?? 0) + 1);
  }
  let moved = 0;
  for (const [index, { hash, length, text, role }] of next.slice(commonParts).entries()) {
    const count = left.get(hash) ?? 0;
    const was = index === 0 ? previous.parts[commonParts] : undefined;
    if (count > 0) {
      left.set(hash, count - 1);
      moved += length;
    } else if (was?.text !== undefined && text !== undefined && was.role === role) {
      moved += commonEnd(was.text, text, commonCharacters);
    }
  }
  return moved;
}
