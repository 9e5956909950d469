import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { formatDiskOf, formatSpeed } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { formatDuration } from '@shared/format/durations';

/** How many that wait for their turn are before this one; undefined for one that does not wait. */
export function queuePlace(downloads: readonly Download[], id: string): number | undefined {
  const queued = downloads.filter(({ state }) => state === 'queued');
  const at = queued.findIndex((one) => one.id === id);
  return at === -1 ? undefined : at;
}

/**
 * `10.5 of 17.2 GB, 2 min 19 s left`, or why it waits.
 * @param place of {@link queuePlace}, where the queue is known.
 */
export function downloadLine(download: Download, place?: number): string {
  const { state, bytes, total, etaSeconds, waiting, failure } = download;
  if (failure && state === 'failed') return failure.message;
  if (waiting) return waiting.message;
  if (state === 'queued') return queuedLine(place);
  if (total === 0) return 'Preparing';
  const amount = formatDiskOf(bytes, total);
  if (state === 'verifying') return `${amount}, verifying`;
  if (state === 'paused') return `Paused at ${amount}`;
  return etaSeconds === undefined ? amount : `${amount}, ${formatDuration(etaSeconds)} left`;
}

function queuedLine(place: number | undefined): string {
  if (place === undefined) return 'Queued';
  return place === 0 ? 'Queued, next' : `Queued, ${place} ahead`;
}

/** `48 MB/s, 2 min 19 s left`; empty where nothing comes. */
export function speedLine({ state, bytesPerSecond, etaSeconds }: Download): string {
  if (state !== 'running' || !bytesPerSecond || bytesPerSecond < 1) return '';
  const left = etaSeconds === undefined ? '' : `, ${formatDuration(etaSeconds)} left`;
  return `${formatSpeed(bytesPerSecond)}${left}`;
}

/** `2 under way at 48 MB/s, 1 failed`. */
export function overallLine(downloads: readonly Download[]): string {
  const count = (state: Download['state']): number =>
    downloads.filter((one) => one.state === state).length;
  const going = downloads.filter(({ state }) => isUnderWay(state));
  const speed = going.reduce((sum, { bytesPerSecond = 0 }) => sum + bytesPerSecond, 0);
  const at = speed > 0 ? ` at ${formatSpeed(speed)}` : '';
  const parts = [
    going.length > 0 ? `${going.length} downloading${at}` : '',
    count('paused') > 0 ? `${count('paused')} paused` : '',
    count('failed') > 0 ? `${count('failed')} failed` : '',
    count('done') > 0 ? `${count('done')} done` : '',
  ];
  return parts.filter(Boolean).join(', ') || formatCount(0, 'download');
}
