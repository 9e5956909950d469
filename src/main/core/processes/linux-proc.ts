import { messageOf } from '@shared/errors';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

import type { ProcessInfo, Seen, Usage } from '../ports/processes';
import { known, unknown } from './seen';

/**
 * /proc is read synchronously throughout: it is memory, and a turn of the thread pool costs four times the
 * read (2 ms for 120 processes).
 */
export const PROC = '/proc';

/** What became of a file of one process: read, gone with its process, or not for this user to see. */
export type ProcFile =
  | { readonly kind: 'read'; readonly data: Buffer }
  | { readonly kind: 'ended' }
  | { readonly kind: 'hidden' };

/**
 * @throws where it cannot be told which of the three it is: no file descriptor left, an I/O error.
 */
export function readProcFile(path: string): ProcFile {
  return sorted(() => ({ kind: 'read', data: readFileSync(path) }));
}

/** The answer of `look`, or what its error says about one process. @throws every other error. */
export function sorted<T>(look: () => T): T | { kind: 'ended' } | { kind: 'hidden' } {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return { kind: 'ended' };
    if (code === 'EACCES' || code === 'EPERM') return { kind: 'hidden' };
    throw error;
  }
}

/** @throws when /proc cannot be listed. */
export function listPids(): number[] {
  return readdirSync(PROC)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** What one line of /proc/PID/stat tells. */
export interface Stat extends ProcessInfo {
  readonly cpuTicks: number;
  readonly residentPages: number;
  readonly isKernelThread: boolean;
}

/** Fields of /proc/PID/stat by proc_pid_stat(5), counted after the command's closing parenthesis. */
const FIELD = {
  state: 0,
  ppid: 1,
  pgrp: 2,
  flags: 6,
  utime: 11,
  stime: 12,
  startTime: 19,
  rss: 21,
} as const;
/** PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD = 0x0020_0000;

/**
 * Undefined when there is no such process, or this user may not see it.
 * @throws when it cannot be told, which a line that was cut is as well.
 */
export function readStat(pid: number): Stat | undefined {
  const file = readProcFile(`${PROC}/${pid}/stat`);
  return file.kind === 'read' ? parseStat(pid, file.data.toString('utf8')) : undefined;
}

/** The name may hold anything, parentheses and line breaks too; only the last parenthesis ends it. */
export function parseStat(pid: number, text: string): Stat {
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const number = (index: number): number => Number(fields[index] ?? Number.NaN);
  const stat = {
    pid,
    ppid: number(FIELD.ppid),
    pgid: number(FIELD.pgrp),
    startTime: fields[FIELD.startTime] ?? '',
    command: text.slice(text.indexOf('(') + 1, close),
    state: fields[FIELD.state] ?? '',
    cpuTicks: number(FIELD.utime) + number(FIELD.stime),
    residentPages: number(FIELD.rss),
    isKernelThread: (number(FIELD.flags) & KERNEL_THREAD) !== 0,
  };
  const numbers = [stat.ppid, stat.pgid, stat.cpuTicks, stat.residentPages];
  if (close < 0 || !/^\d+$/.test(stat.startTime) || !numbers.every(Number.isFinite)) {
    throw new Error(`${PROC}/${pid}/stat is cut short`);
  }
  return stat;
}

/**
 * A /proc that shows this process under another number, or not at all, is not that of these processes, and what
 * it lacks proves nothing.
 * @throws then.
 */
export function checkProc(): void {
  const self = sorted(() => readlinkSync(`${PROC}/self`));
  if (self !== String(process.pid)) throw new Error(`${PROC} does not show this process itself`);
}

/** Every process of /proc, this one among them. */
export function readTable(): Seen<Stat[]> {
  try {
    checkProc();
    return known(listPids().flatMap((pid) => readStat(pid) ?? []));
  } catch (error) {
    return unknown(messageOf(error));
  }
}

export function toInfo({ pid, ppid, pgid, startTime, command, state }: Stat): ProcessInfo {
  return { pid, ppid, pgid, startTime, command, state };
}

/** The units in which the kernel counts for this program. */
interface Units {
  readonly pageBytes: number;
  readonly ticksPerSecond: number;
}

/** Keys of getauxval(3). */
const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

let units: Units | undefined;

/** Out of the auxiliary vector, which holds pairs of a key and a value of 64 bits. */
function readUnits(): Units {
  const vector = readFileSync(`${PROC}/self/auxv`);
  const values = new Map<bigint, number>();
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    values.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + 8)));
  }
  return {
    pageBytes: values.get(AT_PAGESZ) ?? 4096,
    ticksPerSecond: values.get(AT_CLKTCK) ?? 100,
  };
}

/** @throws when the units cannot be read. */
export function usageOf({ cpuTicks, residentPages }: Stat): Usage {
  units ??= readUnits();
  return {
    cpuMs: (cpuTicks * 1000) / units.ticksPerSecond,
    memoryBytes: residentPages * units.pageBytes,
  };
}
