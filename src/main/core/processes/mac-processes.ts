import { messageOf } from '@shared/errors';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Listener, ProcessInfo, Processes, Seen, Usage } from '../ports/processes';
import { isSameProcess } from './identity';
import type { MacLibrary } from './mac-library';
import { listTcpSockets } from './mac-sockets';
import {
  KINFO_PROC_BYTES,
  type MacProcess,
  parseArguments,
  parseKinfoProcs,
  parseRusage,
  type ProcessArguments,
  RUSAGE_BYTES,
} from './mac-structs';
import { known, unknown } from './seen';

/** bsd/sys/sysctl.h */
const CTL_KERN = 1;
const KERN_PROC = 14;
const KERN_PROC_ALL = 0;
const KERN_PROC_PID = 1;
const KERN_PROCARGS2 = 49;
/** The most that an answer of KERN_PROCARGS2 may have (bsd/sys/syslimits.h: ARG_MAX). */
const ARGUMENTS_BYTES = 1024 * 1024;
const RUSAGE_INFO_V2 = 2;
const ENOMEM = 12;
const EPERM = 1;
const ESRCH = 3;
/** EPERM, ESRCH, EIO and EINVAL: how KERN_PROCARGS2 says each of the three. */
const NOT_TOLD = [1, 3, 5, 22];

/** An environment cannot be read for a moment while its process is replaced by another program (execve). */
const EXEC_MS = 2;

/**
 * Processes as macOS tells them to its own tools: no program is started and nothing is printed and parsed, so
 * that a look costs less than a millisecond and depends on no language and no time zone.
 */
export function macProcesses(library: MacLibrary): Processes {
  const mac = new MacSystem(library);
  return {
    list: async () => attempt(() => mac.table().map(toInfo)),
    read: async (pid) => attempt(() => mac.read(pid)),
    carrying: (name, value) => mac.carrying(`${name}=${value}`),
    listeners: async (port, candidates) => attempt(() => mac.listeners(port, candidates)),
    connections: async (port, pid) => attempt(() => mac.connections(port, pid)),
    usage: async (pids) => attempt(() => mac.usage(pids)),
  };
}

function attempt<T>(look: () => T): Seen<T> {
  try {
    return known(look());
  } catch (error) {
    return unknown(messageOf(error));
  }
}

/** The calls behind {@link macProcesses}; each throws where the system could not tell. */
class MacSystem {
  readonly #library: MacLibrary;
  #records = Buffer.alloc(512 * KINFO_PROC_BYTES);
  #arguments: Buffer | undefined;

  constructor(library: MacLibrary) {
    this.#library = library;
  }

  /** Every process, zombies and those of other users too. */
  table(): MacProcess[] {
    const table = this.#ask([CTL_KERN, KERN_PROC, KERN_PROC_ALL]);
    if (!table.some(({ pid }) => pid === process.pid)) {
      throw new Error('the system does not show this process itself');
    }
    return table;
  }

  read(pid: number): ProcessInfo | undefined {
    const found = this.#ask([CTL_KERN, KERN_PROC, KERN_PROC_PID, pid]).find(
      (one) => one.pid === pid,
    );
    if (!found) return undefined;
    const { argv = [] } = this.#argumentsOf(pid) ?? {};
    // Those of other users and of zombies are not told.
    return { ...toInfo(found), command: argv.join(' ').trim() || found.command };
  }

  async carrying(marker: string): Promise<Seen<ProcessInfo[]>> {
    try {
      const others = this.#own().filter(({ pid }) => pid !== process.pid);
      const first = others.map((info) => ({ info, carries: this.#carries(info, marker) }));
      const unread = first.filter(({ carries }) => carries === 'unread').map(({ info }) => info);
      if (unread.length > 0) await sleep(EXEC_MS);
      const late = unread.filter((info) => this.#carries(info, marker) === 'yes');
      const early = first.filter(({ carries }) => carries === 'yes').map(({ info }) => info);
      return known([...early, ...late].map(toInfo));
    } catch (error) {
      return unknown(messageOf(error));
    }
  }

  listeners(port: number, candidates?: readonly number[]): Listener[] {
    const pids = candidates ?? this.#own().map(({ pid }) => pid);
    return pids.flatMap((pid) =>
      listTcpSockets(this.#library, pid)
        .filter((socket) => socket.state === 'listen' && socket.port === port)
        .map(({ listener }) => ({ ...listener, pid })),
    );
  }

  connections(port: number, pid: number): number {
    return listTcpSockets(this.#library, pid).filter(
      (socket) => socket.state === 'established' && socket.port === port,
    ).length;
  }

  usage(pids: readonly number[]): ReadonlyMap<number, Usage> {
    const usage = new Map<number, Usage>();
    const info = Buffer.alloc(RUSAGE_BYTES);
    for (const pid of pids) {
      if (this.#library.rusage(pid, RUSAGE_INFO_V2, info) !== 0) {
        const errno = this.#library.errno();
        if (errno === ESRCH || errno === EPERM) continue;
        throw new Error(`proc_pid_rusage of ${pid} failed with errno ${errno}`);
      }
      const { cpuTicks, footprintBytes } = parseRusage(info);
      usage.set(pid, {
        cpuMs: (cpuTicks * this.#library.nanosecondsPerTick) / 1e6,
        memoryBytes: footprintBytes,
      });
    }
    return usage;
  }

  /** Live processes of this user, the only ones into which it may look (root may look into all). */
  #own(): MacProcess[] {
    const user = process.geteuid?.() ?? 0;
    return this.table().filter(({ uid, state }) => state !== 'Z' && (user === 0 || uid === user));
  }

  #carries(info: MacProcess, marker: string): 'yes' | 'no' | 'unread' {
    const found = this.#argumentsOf(info.pid);
    if (!found) return 'unread';
    // Read again, because the number may have been given to another process since the table.
    return found.environment.includes(marker) && isSameProcess(info, this.read(info.pid))
      ? 'yes'
      : 'no';
  }

  /** Undefined where it is another user's, has ended, or is just being replaced by another program. */
  #argumentsOf(pid: number): ProcessArguments | undefined {
    this.#arguments ??= Buffer.alloc(ARGUMENTS_BYTES);
    const length = new BigUint64Array([BigInt(ARGUMENTS_BYTES)]);
    const name = new Int32Array([CTL_KERN, KERN_PROCARGS2, pid]);
    if (this.#library.sysctl(name, this.#arguments, length) !== 0) {
      const errno = this.#library.errno();
      if (NOT_TOLD.includes(errno)) return undefined;
      throw new Error(`sysctl kern.procargs2 of ${pid} failed with errno ${errno}`);
    }
    return parseArguments(this.#arguments.subarray(0, Number(length[0])));
  }

  /** The answer to `kern.proc`, with room for processes that begin meanwhile. */
  #ask(name: readonly number[]): MacProcess[] {
    for (;;) {
      const length = new BigUint64Array([BigInt(this.#records.length)]);
      if (this.#library.sysctl(new Int32Array(name), this.#records, length) === 0) {
        const table = parseKinfoProcs(this.#records.subarray(0, Number(length[0])));
        if (!table) throw new Error('the system cut off its table of processes');
        return table;
      }
      const errno = this.#library.errno();
      const isTooSmall = errno === ENOMEM && this.#records.length < 64 * 1024 * 1024;
      if (!isTooSmall) throw new Error(`sysctl kern.proc failed with errno ${errno}`);
      this.#records = Buffer.alloc(this.#records.length * 2);
    }
  }
}

function toInfo({ pid, ppid, pgid, startTime, command, state }: MacProcess): ProcessInfo {
  return { pid, ppid, pgid, startTime, command, state };
}
