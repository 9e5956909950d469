import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { execa } from 'execa';

import type { MachineMemory } from '../ports';
import { gpuWorkingSet } from './machine-limit';
import { readGroupMemory } from './cgroup-memory';

export async function readMachineMemory(): Promise<MachineMemory> {
  const total = os.totalmem();
  if (process.platform === 'linux') return linuxMemory(total);
  if (process.platform !== 'darwin') return { total, free: os.freemem() };
  const [free, wiredMb] = await Promise.all([macAvailable(), macWiredLimitMb()]);
  return { total, free, gpuLimit: gpuWorkingSet(total, wiredMb) };
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

/**
 * Free, inactive and speculative pages, as psutil counts what is available. `vm_stat` names purgeable ones
 * as well; they are on its other lists already.
 */
async function macAvailable(): Promise<number> {
  const result = await execa('vm_stat', { reject: false, timeout: 5000 });
  return parseVmStat(result.stdout ?? '') ?? os.freemem();
}

export function parseVmStat(output: string): number | undefined {
  const pageSize = Number(/page size of (\d+) bytes/.exec(output)?.[1]);
  if (!Number.isFinite(pageSize)) return undefined;
  const pages = ['free', 'inactive', 'speculative'].map((name) =>
    Number(new RegExp(`^Pages ${name}:\\s+(\\d+)`, 'm').exec(output)?.[1] ?? 0),
  );
  return pages.reduce((sum, count) => sum + count, 0) * pageSize;
}

/** The GPU's limit that the user raised, MB; 0: the system's default. */
async function macWiredLimitMb(): Promise<number | undefined> {
  const result = await execa('sysctl', ['-n', 'iogpu.wired_limit_mb'], {
    reject: false,
    timeout: 5000,
  });
  const megabytes = Number((result.stdout ?? '').trim());
  return Number.isFinite(megabytes) ? megabytes : undefined;
}
