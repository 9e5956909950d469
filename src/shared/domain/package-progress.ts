import { formatDisk, formatDiskOf, formatSpeed } from '../format/bytes';
import { formatNumber } from '../format/counts';
import { formatDuration } from '../format/durations';
import type { PackageProgress } from './engine';

/** `14 of 38`. */
export function packagesText({ done, total }: PackageProgress): string {
  return `${formatNumber(done)} of ${formatNumber(total)}`;
}

/** `84 of 221 MB, 4.4 MB/s`, as much of it as is known. */
export function amountText({ bytes, totalBytes, bytesPerSecond }: PackageProgress): string {
  if (bytes === undefined) return '';
  const amount = totalBytes === undefined ? formatDisk(bytes) : formatDiskOf(bytes, totalBytes);
  return bytesPerSecond === undefined ? amount : `${amount}, ${formatSpeed(bytesPerSecond)}`;
}

/** `31 s left`; nothing where that is not known. */
export function leftText({ secondsLeft }: PackageProgress): string {
  if (secondsLeft === undefined) return '';
  // As long as it goes on, some time is left.
  return `${formatDuration(Math.max(1, Math.ceil(secondsLeft)))} left`;
}

/** All of it in one line: `14 of 38, 84 of 221 MB, 4.4 MB/s, 31 s left`. */
export function progressText(progress: PackageProgress): string {
  return [packagesText(progress), amountText(progress), leftText(progress)]
    .filter((part) => part !== '')
    .join(', ');
}
