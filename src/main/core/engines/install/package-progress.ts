import type { PackageProgress } from '@shared/domain/engine';

/** What is to be done, as far as it is known. */
export interface PackagePlan {
  /** Packages of the environment. */
  readonly total: number;
  /** How many of them have to be fetched; undefined where uv did not tell. */
  readonly toFetch: number | undefined;
  /** What those will take on the disk; undefined where one of them was not measured. */
  readonly totalBytes: number | undefined;
}

/** What the disk showed at a moment. */
export interface DiskLook {
  /** Milliseconds that never go back. */
  readonly at: number;
  /** Packages that were fetched, and bytes of what was unpacked, since the beginning; undefined where it cannot be told. */
  readonly fetched: { readonly packages: number; readonly bytes: number } | undefined;
  /** Packages in the environment. */
  readonly installed: number;
}

/** The speed is that of the last seconds, ms. */
const WINDOW_MS = 10_000;
/** A speed of less time than this is chance, ms. */
const SPEED_MS = 2000;
/** And so is what is left, ms. */
const LEFT_MS = 5000;

/** How far it is, by all looks since the beginning, the oldest first. */
export function packageProgress(plan: PackagePlan, looks: readonly DiskLook[]): PackageProgress {
  const { total, toFetch } = plan;
  const fetched = Math.max(0, ...looks.map((look) => look.fetched?.packages ?? 0));
  const installed = Math.max(0, ...looks.map((look) => look.installed));
  // Where everything is in the cache, only the environment shows how far it is.
  const ready = toFetch === undefined || toFetch === 0 ? 0 : total - toFetch + fetched;
  return { done: Math.min(total, Math.max(ready, installed)), total, ...bytesOf(plan, looks) };
}

function bytesOf(
  { toFetch, totalBytes }: PackagePlan,
  looks: readonly DiskLook[],
): Omit<PackageProgress, 'done' | 'total'> {
  const marks = looks.flatMap(({ at, fetched }) =>
    fetched === undefined ? [] : [{ at, bytes: fetched.bytes }],
  );
  const last = marks.at(-1);
  if (last === undefined || toFetch === 0 || (toFetch === undefined && last.bytes === 0)) return {};
  const amount =
    totalBytes === undefined
      ? { bytes: last.bytes }
      : { bytes: Math.min(last.bytes, totalBytes), totalBytes };
  if (totalBytes !== undefined && last.bytes >= totalBytes) return amount;
  // What came before the first byte is the way to the index, not the speed of what comes from it.
  const began = marks.findLast(({ bytes }) => bytes === 0) ?? marks[0] ?? last;
  const from = marks.find(({ at }) => at >= began.at && at >= last.at - WINDOW_MS) ?? last;
  const bytesPerSecond = ((last.bytes - from.bytes) / (last.at - from.at)) * 1000;
  if (last.at - began.at < SPEED_MS || !(bytesPerSecond > 0)) return amount;
  if (totalBytes === undefined || last.at - began.at < LEFT_MS)
    return { ...amount, bytesPerSecond };
  return { ...amount, bytesPerSecond, secondsLeft: (totalBytes - last.bytes) / bytesPerSecond };
}
