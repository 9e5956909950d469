import type { Download } from '@shared/domain/download';
import type { HubModel } from '@shared/domain/hub';
import type { FitEstimate } from '@shared/domain/memory';

import { formatDisk, formatDuration, formatMemory } from '../../components/format';
import type { Glyph } from '../../components/StateGlyph';

const KINDS: Readonly<Record<HubModel['kind'], string | undefined>> = {
  text: undefined,
  vision: 'Vision',
  embedding: 'Embedding',
  audio: 'Audio',
  other: 'Other',
};

/** The second line of a row: who made it, under which licence, and what is special about it. */
export function modelLine(model: HubModel): string {
  const { author, licence, gated, kind } = model;
  return [author, licence, gated ? 'Gated' : undefined, KINDS[kind]].filter(Boolean).join(' · ');
}

/** `684 K`, `1.2 M`: how often it was downloaded. */
export function formatTimes(times: number): string {
  if (times >= 1e6) return `${(times / 1e6).toFixed(1)} M`;
  return times >= 1000 ? `${Math.round(times / 1000)} K` : String(times);
}

const VERDICTS: Readonly<Record<FitEstimate['verdict'], { glyph: Glyph; word: string }>> = {
  fits: { glyph: 'ok', word: 'Fits' },
  tight: { glyph: 'degraded', word: 'Tight' },
  no: { glyph: 'stopped', word: 'Does not fit' },
};

export function verdictOf(fit: FitEstimate): { glyph: Glyph; word: string } {
  return VERDICTS[fit.verdict];
}

/** The sum behind a refusal, in one sentence. */
export function fitSentence({ total, limit, inUse }: FitEstimate): string {
  const free = Math.max(0, limit - inUse);
  return `It needs ${formatMemory(total)}, ${formatMemory(free)} of ${formatMemory(limit)} is free.`;
}

/** `10.5 of 17.2 GB, 2 min 19 s left`, or why it waits. */
export function downloadLine(download: Download): string {
  const { state, bytes, total, etaSeconds, waiting, failure } = download;
  if (failure && state === 'failed') return failure.message;
  if (waiting) return waiting.message;
  if (state === 'queued') return 'Queued';
  if (total === 0) return 'Asking for its files';
  const amount = `${formatDisk(bytes)} of ${formatDisk(total)}`;
  if (state === 'verifying') return `${amount}, verifying`;
  if (state === 'paused') return `Paused at ${amount}`;
  return etaSeconds === undefined ? amount : `${amount}, ${formatDuration(etaSeconds)} left`;
}
