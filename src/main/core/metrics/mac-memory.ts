import { type MacLibrary, openMacLibrary } from '../processes/mac-library';
import { runTool } from '../processes/run-tool';

/** What a Mac tells of its memory; undefined where it does not. */
export interface MacMemory {
  /** Bytes that programs can have without swapping. */
  readonly free: number | undefined;
  /** The GPU's limit that the user raised, MB; 0 is the system's default. */
  readonly wiredLimitMb: number | undefined;
}

/**
 * Reads it through the system's library. Without that each look is a program of its own, so that the limit, which a
 * person changes by hand, is looked at once a minute.
 * @param library the path of another one in tests.
 */
export function openMacMemory(library?: string): () => Promise<MacMemory> {
  let opened: Promise<() => Promise<MacMemory>> | undefined;
  return async () => {
    opened ??= openMacLibrary(library).then(
      (mac) => async () => readFromLibrary(mac),
      () => readFromTools(),
    );
    return (await opened)();
  };
}

/** HOST_VM_INFO64 of osfmk/mach/host_info.h, whose structure is vm_statistics64 of osfmk/mach/vm_statistics.h. */
const HOST_VM_INFO64 = 4;
const VM_STATISTICS64_WORDS = 38;
/** Counts of pages; the free ones include those that were read ahead (speculative). */
const FREE_COUNT = 0;
const INACTIVE_COUNT = 8;

function readFromLibrary(mac: MacLibrary): MacMemory {
  const statistics = Buffer.alloc(VM_STATISTICS64_WORDS * 4);
  const count = new Uint32Array([VM_STATISTICS64_WORDS]);
  const isRead = mac.hostStatistics(HOST_VM_INFO64, statistics, count) === 0;
  const pageSize = readNumber(mac, 'hw.pagesize');
  const pages = statistics.readUInt32LE(FREE_COUNT) + statistics.readUInt32LE(INACTIVE_COUNT);
  return {
    free: isRead && pageSize !== undefined ? pages * pageSize : undefined,
    wiredLimitMb: readNumber(mac, 'iogpu.wired_limit_mb'),
  };
}

/** A number of 32 or 64 bits; both are little-endian, and the rest of the buffer stays zero. */
function readNumber(mac: MacLibrary, name: string): number | undefined {
  const value = Buffer.alloc(8);
  const length = new BigUint64Array([BigInt(value.length)]);
  return mac.sysctlByName(name, value, length) === 0 ? Number(value.readBigUInt64LE()) : undefined;
}

const LIMIT_AGE_MS = 60_000;

function readFromTools(): () => Promise<MacMemory> {
  let limit: { readonly at: number; readonly megabytes: number | undefined } | undefined;
  return async () => {
    const now = performance.now();
    if (!limit || now - limit.at > LIMIT_AGE_MS) {
      limit = { at: now, megabytes: await wiredLimitMb() };
    }
    const answer = await runTool('vm_stat', []);
    return {
      free: answer.known ? parseVmStat(answer.value.stdout) : undefined,
      wiredLimitMb: limit.megabytes,
    };
  };
}

async function wiredLimitMb(): Promise<number | undefined> {
  const answer = await runTool('sysctl', ['-n', 'iogpu.wired_limit_mb']);
  const text = answer.known ? answer.value.stdout.trim() : '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/**
 * Free, inactive and speculative pages, as psutil counts what is available. `vm_stat` names purgeable ones
 * as well; they are on its other lists already.
 */
export function parseVmStat(output: string): number | undefined {
  const pageSize = Number(/page size of (\d+) bytes/.exec(output)?.[1]);
  const pages = ['free', 'inactive', 'speculative'].map((name) =>
    Number(new RegExp(`^Pages ${name}:\\s+(\\d+)`, 'm').exec(output)?.[1]),
  );
  const bytes = pages.reduce((sum, count) => sum + count, 0) * pageSize;
  return Number.isFinite(bytes) ? bytes : undefined;
}
