import { readFile } from 'node:fs/promises';
import os from 'node:os';

import type { MachineMemory } from '../ports';
import { gpuWorkingSet } from './machine-limit';
import { readGroupMemory } from './cgroup-memory';
import { openMacMemory } from './mac-memory';

const readMacMemory = openMacMemory();

export async function readMachineMemory(): Promise<MachineMemory> {
  const total = os.totalmem();
  if (process.platform === 'linux') return linuxMemory(total);
  if (process.platform !== 'darwin') return { total, free: os.freemem() };
  const { free, wiredLimitMb } = await readMacMemory();
  // What Node counts as free leaves out what would be given back: it is the least that is certain.
  return { total, free: free ?? os.freemem(), gpuLimit: gpuWorkingSet(total, wiredLimitMb) };
}

/** A container or a service has no more than its group of processes may have. */
async function linuxMemory(total: number): Promise<MachineMemory> {
  const [free, group] = await Promise.all([linuxAvailable(), readGroupMemory()]);
  if (!group || group.limit >= total) return { total, free };
  return { total: group.limit, free: Math.min(free, group.free) };
}

async function linuxAvailable(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'latin1').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(text)?.[1];
  return kilobytes === undefined ? os.freemem() : Number(kilobytes) * 1024;
}
