import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What a group of processes may have, bytes. */
export interface GroupMemory {
  readonly limit: number;
  /** Of the limit, without what the system would give back: the cache of files. */
  readonly free: number;
}

/**
 * The narrowest limit of the control groups (version 2) that this process is in, as containers and services
 * have it; undefined where there is none.
 * @param root where the groups are mounted.
 * @param own /proc/self/cgroup.
 */
export async function readGroupMemory(
  root = '/sys/fs/cgroup',
  own = '/proc/self/cgroup',
): Promise<GroupMemory | undefined> {
  const name = /^0::(\/.*)$/m.exec(await textOf(own))?.[1];
  if (name === undefined) return undefined;
  const parts = name.split('/').filter((part) => part !== '' && part !== '..');
  const folders = [root, ...parts.map((_, index) => path.join(root, ...parts.slice(0, index + 1)))];
  const limits = (await Promise.all(folders.map(readGroup))).filter((group) => group !== undefined);
  return limits.sort((a, b) => a.free - b.free)[0];
}

async function readGroup(folder: string): Promise<GroupMemory | undefined> {
  const limit = numberIn(await textOf(path.join(folder, 'memory.max')));
  // `max`, or a group without the controller of memory.
  if (limit === undefined) return undefined;
  const used = numberIn(await textOf(path.join(folder, 'memory.current'))) ?? 0;
  const stat = await textOf(path.join(folder, 'memory.stat'));
  const cached = numberIn(/^inactive_file (\d+)$/m.exec(stat)?.[1]) ?? 0;
  return { limit, free: Math.max(0, limit - Math.max(0, used - cached)) };
}

/** '' where there is no such file. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
