import type { Download } from '@shared/domain/download';

import { formatDisk, formatDuration } from '../../components/format';

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
