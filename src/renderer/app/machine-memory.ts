import { useLive } from '@renderer/live/use-live';

export interface MemoryUse {
  readonly servers: number;
  readonly others: number;
  readonly free: number;
  /** The GPU limit where it is known, otherwise the machine's memory. */
  readonly total: number;
}

/** What the servers use, what other programs use and what is free, bytes. */
export function useMemoryUse(): MemoryUse {
  return useLive(({ machine, samples }) => {
    const servers = Object.values(samples).reduce((sum, one) => sum + (one.memoryBytes ?? 0), 0);
    const total = machine.gpuLimit ?? machine.memoryTotal;
    // Servers already use part of the GPU limit, so less may be free of it than of the machine's memory.
    const free = Math.max(0, Math.min(machine.memoryFree, total - servers));
    return { servers, others: Math.max(0, total - free - servers), free, total };
  });
}
