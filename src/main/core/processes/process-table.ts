import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** One process as the system shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /** When it started, in the system's own words: compared for equality, so a reused pid is noticed. */
  readonly startTime: string;
  readonly command: string;
  /** One letter as ps prints it; Z is a zombie: gone, but not yet collected. */
  readonly state: string;
}

/** Every process that this user can see, in one pass (Linux) or one `ps` (macOS). */
export async function readProcessTable(): Promise<ProcessInfo[]> {
  if (process.platform !== 'linux') return parsePs(await ps(['-axo', PS_COLUMNS]));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.flatMap((pid) => readStat(pid) ?? []);
}

/** One process with its command line, or undefined when there is none with this pid. */
export async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  if (process.platform === 'linux') return readProc(pid);
  return parsePs(await ps(['-o', PS_COLUMNS, '-p', String(pid)])).at(0);
}

/** Whether `a` and `b` are the same process, not merely the same number. */
export function isSameProcess(
  a: Pick<ProcessInfo, 'pid' | 'startTime'>,
  b: Pick<ProcessInfo, 'pid' | 'startTime'> | undefined,
): boolean {
  return b !== undefined && a.pid === b.pid && a.startTime === b.startTime;
}

/**
 * The live processes of a tree: the root, everything in its process group, and every descendant, also
 * of group members whose parent has died.
 */
export function treeOf(
  table: readonly ProcessInfo[],
  rootPid: number,
  pgid = rootPid,
): ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>();
  for (const info of table) {
    const siblings = children.get(info.ppid);
    if (siblings) siblings.push(info);
    else children.set(info.ppid, [info]);
  }
  const tree = new Map<number, ProcessInfo>();
  const queue = table.filter((info) => info.pid === rootPid || info.pgid === pgid);
  for (let info = queue.pop(); info !== undefined; info = queue.pop()) {
    if (tree.has(info.pid)) continue;
    tree.set(info.pid, info);
    queue.push(...(children.get(info.pid) ?? []));
  }
  return [...tree.values()].filter((info) => info.state !== 'Z');
}

/** Fields of /proc/PID/stat by proc(5), counted after the command's closing parenthesis. */
const STAT = { state: 0, ppid: 1, pgrp: 2, startTime: 19 } as const;

async function readProc(pid: number): Promise<ProcessInfo | undefined> {
  const info = readStat(pid);
  if (!info) return undefined;
  const command = await commandLine(pid, info.command).catch(() => info.command);
  return { ...info, command };
}

/** Read synchronously: /proc is memory, and a turn of the thread pool costs four times the read (2 ms for 120). */
function readStat(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const close = stat.lastIndexOf(')');
    const fields = stat.slice(close + 2).split(' ');
    return {
      pid,
      ppid: Number(fields[STAT.ppid]),
      pgid: Number(fields[STAT.pgrp]),
      startTime: `${fields[STAT.startTime]}`,
      command: stat.slice(stat.indexOf('(') + 1, close),
      state: fields[STAT.state] ?? '?',
    };
  } catch {
    return undefined; // it ended between the listing and the reading
  }
}

async function commandLine(pid: number, name: string): Promise<string> {
  const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8');
  return raw === '' ? name : raw.split('\0').join(' ').trim();
}

const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=,command=';

async function ps(args: readonly string[]): Promise<string> {
  const result = await execa('ps', args, {
    reject: false,
    env: { LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
    timeout: 10_000,
  });
  return result.stdout ?? '';
}

/** Parses `ps -o pid=,ppid=,pgid=,stat=,lstart=,command=`; lstart is five words in the C locale. */
export function parsePs(output: string): ProcessInfo[] {
  const line = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3} +\w{3} +\d+ [\d:]{8} \d{4})\s+(.*)$/;
  return output.split('\n').flatMap((text) => {
    const match = line.exec(text);
    if (!match) return [];
    const [, pid, ppid, pgid, state, startTime, command] = match;
    return [
      {
        pid: Number(pid),
        ppid: Number(ppid),
        pgid: Number(pgid),
        startTime: (startTime ?? '').replace(/ +/g, ' '),
        command: command ?? '',
        state: (state ?? '?').charAt(0),
      },
    ];
  });
}
