import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import { failureWords } from '@shared/errors/failure-label';
import { formatDiskOf, formatSpeed } from '@shared/format/bytes';
import { formatCount } from '@shared/format/counts';
import { formatDuration } from '@shared/format/durations';

/** How many that wait for their turn are before this one; undefined for one that does not wait. */
export function queuePlace(downloads: readonly Download[], id: string): number | undefined {
  const queued = downloads.filter(({ state }) => state === 'queued');
  const at = queued.findIndex((one) => one.id === id);
  return at === -1 ? undefined : at;
}

/** What a download looks like: `working` comes, `off` waits for somebody or something, the others have failed. */
export type DownloadTone = 'working' | 'off' | 'warning' | 'broken';

export function downloadTone({ state, waiting, failure }: Download): DownloadTone {
  switch (state) {
    case 'failed':
      // It resumes as soon as there is room.
      return failure?.code === 'disk_full' ? 'warning' : 'broken';
    case 'paused':
    case 'queued':
      return 'off';
    default:
      return waiting ? 'off' : 'working';
  }
}

/** What is said of a download, in parts, so that a view can put them where none of them is cut. */
export interface DownloadParts {
  /** `Paused`, `Queued, next`, `Failed: disk full`; absent while bytes come. */
  readonly word: string | undefined;
  /** `10.5 of 17.2 GB`; absent until the files are known. */
  readonly amount: string | undefined;
  /** `48 MB/s`. */
  readonly speed: string | undefined;
  /** `2 min 19 s left`. */
  readonly left: string | undefined;
  /** Why it waits or has failed, in a sentence. */
  readonly reason: string | undefined;
}

/** @param place of {@link queuePlace}, where the queue is known. */
export function downloadParts(download: Download, place?: number): DownloadParts {
  const { state, bytes, total, bytesPerSecond = 0, etaSeconds, waiting, failure } = download;
  const isComing = state === 'running' && total > 0 && !waiting;
  return {
    word: downloadWord(download, place),
    amount: total > 0 ? formatDiskOf(bytes, total) : undefined,
    speed: isComing && bytesPerSecond >= 1 ? formatSpeed(bytesPerSecond) : undefined,
    left: isComing && etaSeconds !== undefined ? `${formatDuration(etaSeconds)} left` : undefined,
    reason: state === 'failed' ? failure?.message : waiting?.message,
  };
}

function downloadWord(
  { state, total, waiting, failure }: Download,
  place: number | undefined,
): string | undefined {
  switch (state) {
    case 'failed':
      return failure ? `Failed: ${failureWords(failure.code)}` : 'Failed';
    case 'paused':
      return 'Paused';
    case 'done':
      return 'On this machine';
    case 'queued':
      return waiting ? 'Waiting' : queuedWord(place);
    case 'verifying':
      return waiting ? 'Waiting' : 'Verifying';
    case 'running':
      if (waiting) return 'Waiting';
      return total === 0 ? 'Preparing' : undefined;
  }
}

function queuedWord(place: number | undefined): string {
  if (place === undefined) return 'Queued';
  return place === 0 ? 'Queued, next' : `Queued, ${place} ahead`;
}

/** All of it as one text, for a tooltip. */
export function downloadSentence({ word, amount, speed, left, reason }: DownloadParts): string {
  return [[word, amount, speed, left].filter(Boolean).join(', '), reason]
    .filter(Boolean)
    .join('. ');
}

/** `2 downloading at 48 MB/s, 3 queued, 1 failed`. */
export function overallLine(downloads: readonly Download[]): string {
  const count = (state: Download['state']): number =>
    downloads.filter((one) => one.state === state).length;
  const going = downloads.filter(({ state }) => isUnderWay(state) && state !== 'queued');
  const speed = going.reduce((sum, { bytesPerSecond = 0 }) => sum + bytesPerSecond, 0);
  const at = speed > 0 ? ` at ${formatSpeed(speed)}` : '';
  const parts = [
    going.length > 0 ? `${going.length} downloading${at}` : '',
    count('queued') > 0 ? `${count('queued')} queued` : '',
    count('paused') > 0 ? `${count('paused')} paused` : '',
    count('failed') > 0 ? `${count('failed')} failed` : '',
    count('done') > 0 ? `${count('done')} done` : '',
  ];
  return parts.filter(Boolean).join(', ') || formatCount(0, 'download');
}
