import { GIB, MIB } from '@shared/format/bytes';

/**
 * Share of the memory that the GPU may use by default, by the machine's memory in GiB: the values of
 * `recommendedMaxWorkingSetSize` that current macOS reports.
 */
const SHARES: readonly (readonly [upToGib: number, share: number])[] = [
  [24, 0.74],
  [48, 0.78],
  [96, 0.81],
  [256, 0.84],
  [Number.POSITIVE_INFINITY, 0.906],
];

/**
 * What MLX may use for its arrays on a Mac, bytes.
 * @param wiredLimitMb `sysctl iogpu.wired_limit_mb`; 0 or undefined: the system's default.
 */
export function gpuWorkingSet(memoryTotal: number, wiredLimitMb: number | undefined): number {
  if (wiredLimitMb !== undefined && wiredLimitMb > 0) {
    return Math.min(memoryTotal, wiredLimitMb * MIB);
  }
  const gib = memoryTotal / GIB;
  const share = SHARES.find(([upTo]) => gib <= upTo)?.[1] ?? 0.74;
  return Math.floor(memoryTotal * share);
}
