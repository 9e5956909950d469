/** Memory in GiB, disk and downloads in GB: the same figure wherever it is read. */
import { formatNumber } from './counts';

export const MIB = 1024 ** 2;
export const GIB = 1024 ** 3;
export const MB = 1e6;
export const GB = 1e9;

/** Memory: `6.1 GiB`. Below 0.1 GiB in MiB, so that what a small process takes is not zero. */
export function formatMemory(bytes: number): string {
  if (bytes > 0 && bytes < GIB / 10) return `${formatNumber(Math.max(1, bytes / MIB))} MiB`;
  return `${formatGib(bytes)} GiB`;
}

/** Memory as a bare number of GiB with one decimal, for a column or an axis that names the unit. */
export function formatGib(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}

/** Sizes on disk and of downloads: `4.6 GB`, `168 MB`, `2.1 MB`, `400 KB`. */
export function formatDisk(bytes: number): string {
  // The unit of the rounded figure: never `1,000 MB`.
  if (bytes >= 999.5 * MB) return `${(bytes / GB).toFixed(1)} GB`;
  if (bytes >= 9.95 * MB) return `${formatNumber(bytes / MB)} MB`;
  if (bytes >= 999.5e3) return `${(bytes / MB).toFixed(1)} MB`;
  if (bytes >= 1e3) return `${formatNumber(bytes / 1e3)} KB`;
  return bytes === 1 ? '1 byte' : `${formatNumber(bytes)} bytes`;
}

/** `4.7 of 7.5 GB`, `900 MB of 7.5 GB`. */
export function formatDiskOf(bytes: number, total: number): string {
  const [some, all] = [bytes === 0 ? '0' : formatDisk(bytes), formatDisk(total)];
  const [number, unit] = some.split(' ');
  return unit !== undefined && all.endsWith(` ${unit}`)
    ? `${number} of ${all}`
    : `${some} of ${all}`;
}

/** `48 MB/s`, `4.8 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatDisk(bytesPerSecond)}/s`;
}
