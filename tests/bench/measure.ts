import { readFile } from 'node:fs/promises';

/** What a bench file gives to `npm run bench`: the first row is the head. */
export interface BenchTable {
  readonly name: string;
  readonly rows: string[][];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** `12.3 (11.9 to 14.0)` */
export function spread(values: readonly number[], digits = 1): string {
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** CPU time of a process so far in ms, and its resident size in MB (Linux: proc(5), 100 ticks a second). */
export async function usageOf(pid: number): Promise<{ cpuMs: number; residentMb: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, residentMb: kilobytes / 1024 };
}

/** For measurements of what happens in a length of time. */
export const pause = (ms: number): Promise<void> =>
  // Fixed wait: the time that is measured.
  new Promise((resolve) => setTimeout(resolve, ms));
