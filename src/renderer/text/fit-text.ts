import type { Glyph } from '@renderer/components/StateGlyph';
import type { FitEstimate } from '@shared/domain/memory';
import { formatMemory } from '@shared/format/bytes';

const VERDICTS: Readonly<Record<FitEstimate['verdict'], { glyph: Glyph; label: string }>> = {
  fits: { glyph: 'ok', label: 'Fits' },
  tight: { glyph: 'degraded', label: 'Tight' },
  no: { glyph: 'no', label: "Doesn't fit" },
};

export function verdictOf({ verdict }: Pick<FitEstimate, 'verdict'>): {
  glyph: Glyph;
  label: string;
} {
  return VERDICTS[verdict];
}

/** The sum behind a refusal, in one sentence. */
export function fitSentence({ total, limit, inUse }: FitEstimate): string {
  const free = Math.max(0, limit - inUse);
  return `It needs ${formatMemory(total)}; ${formatMemory(free)} of ${formatMemory(limit)} is free.`;
}

/** What a limit is called where the sum is held against it. */
export const LIMIT_LABELS: Readonly<Record<FitEstimate['limitSource'], string>> = {
  gpu: 'GPU limit',
  memory: 'Memory',
  setting: 'Limit for servers',
};
