import { readFile } from 'node:fs/promises';
import os from 'node:os';

import type { MachineMemory } from '../ports';
import { gpuWorkingSet } from './machine-limit';
import { readGroupMemory } from './cgroup-memory';
import { openMacMemory } from './mac-memory';

const readMacMemory = openMacMemory();

/** @throws where it cannot be told now. */
export async function readMachineMemory(): Promise<MachineMemory> {
  const total = os.totalmem();
  if (process.platform === 'linux') return linuxMemory(total);
  if (process.platform !== 'darwin') return { total, free: os.freemem() };
  const { free, wiredLimitMb } = await readMacMemory();
  // What Node counts as free leaves out what would be given back: it is the least that is certain.
  return { total, free: free ?? os.freemem(), gpuLimit: gpuWorkingSet(total, wiredLimitMb) };
}

/**
 * A container or a service has no more than its group of processes may have.
 * @throws where the group's limit cannot be told: the machine's own memory is then more than there may be.
 */
async function linuxMemory(total: number): Promise<MachineMemory> {
  const [free, group] = await Promise.all([linuxAvailable(), readGroupMemory()]);
  if (!group.known) throw new Error(group.reason);
  const { value: limited } = group;
  if (!limited || limited.limit >= total) return { total, free };
  return { total: limited.limit, free: Math.min(free, limited.free) };
}

async function linuxAvailable(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'latin1').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  return kilobytes === undefined ? os.freemem() : Number(kilobytes) * 1024;
}
