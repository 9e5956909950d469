import type { LimitSource } from '@shared/domain/memory';
import { isServing, type ServerState } from '@shared/domain/server-state';

import type { MachineMemory } from '../ports';

/** One of our servers with what is known of its memory, bytes. */
export interface ServerMemory {
  readonly profileId: string;
  readonly state: ServerState;
  /** Of its process tree, as last measured. */
  readonly measured: number | undefined;
  /** What it was admitted with. */
  readonly needs: number | undefined;
  /** The most that it was ever seen to take with its settings. */
  readonly learned: number | undefined;
}

export interface Budget {
  readonly limit: number;
  readonly limitSource: LimitSource;
  /** Of the limit; more than it where too much was admitted. */
  readonly inUse: number;
}

/**
 * What a server counts with. On its way to ready the larger of what it needs and what was measured.
 * Ready, what was measured or, where that is more, what it was seen to take on earlier runs: it will take
 * that again when the same work comes. Not its estimate, whose context may never be filled. One that is
 * ending or stuck counts with all that it still has.
 */
export function countedBytes({ state, measured, needs, learned }: ServerMemory): number {
  const seen = measured ?? 0;
  if (isServing(state)) return Math.max(measured ?? needs ?? 0, learned ?? 0);
  const isComing = state === 'queued' || state === 'starting' || state === 'loading';
  if (isComing) return Math.max(seen, needs ?? 0);
  return measured ?? needs ?? 0;
}

/**
 * The limit that leaves the least, and what is in use of it: the person's own for servers, or the
 * machine's. What the servers are yet to take is not free any more, although the system says so.
 * @param without servers that are left out, as if they had ended.
 */
export function budgetOf(
  memory: MachineMemory,
  /** Bytes; 0: none. */
  ownLimit: number,
  servers: readonly ServerMemory[],
  without: ReadonlySet<string> = new Set(),
): Budget {
  let counted = 0;
  let free = memory.free;
  for (const server of servers) {
    const measured = server.measured ?? 0;
    if (without.has(server.profileId)) free += measured;
    else {
      const bytes = countedBytes(server);
      counted += bytes;
      free -= Math.max(0, bytes - measured);
    }
  }
  const limit = memory.gpuLimit ?? memory.total;
  // The GPU's limit is for all of its users, which our servers are; other programs only take memory.
  const left = Math.min(free, limit - counted);
  if (ownLimit > 0 && ownLimit - counted <= left) {
    return { limit: ownLimit, limitSource: 'setting', inUse: counted };
  }
  const limitSource = memory.gpuLimit === undefined ? 'memory' : 'gpu';
  return { limit, limitSource, inUse: limit - left };
}
