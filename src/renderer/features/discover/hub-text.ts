import type { Download } from '@shared/domain/download';
import type { HubModel } from '@shared/domain/hub';

import { formatDisk, formatDuration } from '../../components/format';

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
