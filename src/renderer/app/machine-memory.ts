import { useLive } from '@renderer/live/use-live';
import { freeMemory } from '@shared/domain/memory-labels';

export interface MemoryUse {
  readonly servers: number;
  readonly others: number;
  readonly free: number;
  /** The limit that leaves the least: the person's own, the GPU's, or the machine's memory. */
  readonly total: number;
}

/** What the servers use, what other programs use and what is free, bytes. */
export function useMemoryUse(): MemoryUse {
  return useLive(({ machine, samples }) => {
    const servers = Object.values(samples).reduce((sum, one) => sum + (one.memoryBytes ?? 0), 0);
    const { free, total } = freeMemory(machine);
    return { servers, others: Math.max(0, total - free - servers), free, total };
  });
}
