import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { messageOf } from '@shared/errors';

import type { Seen } from '../ports/processes';
import { known, unknown } from '../processes/seen';

/** What a group of processes may have, bytes. */
export interface GroupMemory {
  readonly limit: number;
  /** Of the limit, without what the system would give back: the cache of files. */
  readonly free: number;
}

/**
 * The narrowest limit of the control groups (version 2) that this process is in, as containers and services
 * have it; undefined where there is none, and not known where one is set that could not be read.
 * @param root where the groups are mounted.
 * @param own /proc/self/cgroup.
 */
export async function readGroupMemory(
  root = '/sys/fs/cgroup',
  own = '/proc/self/cgroup',
): Promise<Seen<GroupMemory | undefined>> {
  try {
    const name = /^0::(\/.*)$/m.exec((await textOf(own)) ?? '')?.[1];
    if (name === undefined) return known(undefined);
    const parts = name.split('/').filter((part) => part !== '' && part !== '..');
    const folders = [
      root,
      ...parts.map((_, index) => path.join(root, ...parts.slice(0, index + 1))),
    ];
    const groups = await Promise.all(folders.map(readGroup));
    const limits = groups.filter((group) => group !== undefined);
    return known(limits.sort((a, b) => a.free - b.free)[0]);
  } catch (error) {
    return unknown(messageOf(error));
  }
}

/** @throws where there is a limit, or may be one, and what it leaves cannot be told. */
async function readGroup(folder: string): Promise<GroupMemory | undefined> {
  const max = await textOf(path.join(folder, 'memory.max'));
  // A group without the controller of memory, or one that may have all.
  if (max === undefined || max.trim() === 'max') return undefined;
  const limit = numberIn(max);
  const used = numberIn(await textOf(path.join(folder, 'memory.current')));
  if (limit === undefined || used === undefined) {
    throw new Error(`the limit of memory in ${folder} could not be read`);
  }
  const stat = (await textOf(path.join(folder, 'memory.stat'))) ?? '';
  const cached = numberIn(/^inactive_file (\d+)$/m.exec(stat)?.[1]) ?? 0;
  return { limit, free: Math.max(0, limit - Math.max(0, used - cached)) };
}

/** Undefined where there is no such file. @throws where there is one that cannot be read. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
