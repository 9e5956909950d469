import type { Logger } from '../ports';

/** Reads a process's physical footprint in bytes, or undefined when it is gone or not ours to see. */
export type ReadFootprint = (pid: number) => number | undefined;

/**
 * `ri_phys_footprint` is the eighth 64-bit field of `struct rusage_info_v2` (sys/resource.h of macOS) after
 * the 16 bytes of `ri_uuid`; it counts GPU memory, which the resident size misses.
 */
const RUSAGE_INFO_V2 = 2;
const UUID_BYTES = 16;
const FOOTPRINT_FIELD = 7;
const STRUCT_BYTES = 512;

/**
 * `proc_pid_rusage` of libproc (libproc.h: `int proc_pid_rusage(int pid, int flavor, rusage_info_t *buffer)`)
 * through koffi. Without it memory is not shown: the resident size would be a lie on Apple silicon.
 */
export async function openFootprint(logger: Logger): Promise<ReadFootprint | undefined> {
  if (process.platform !== 'darwin') return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load('/usr/lib/libproc.dylib');
    const rusage = library.func('int proc_pid_rusage(int pid, int flavor, _Out_ uint8_t *buffer)');
    const buffer = Buffer.alloc(STRUCT_BYTES);
    return (pid) => (rusage(pid, RUSAGE_INFO_V2, buffer) === 0 ? footprintOf(buffer) : undefined);
  } catch (error) {
    logger.warn('The memory of processes cannot be read on this machine', { error: String(error) });
    return undefined;
  }
}

/** The footprint out of a filled `rusage_info_v2`. */
export function footprintOf(info: Buffer): number {
  return Number(info.readBigUInt64LE(UUID_BYTES + FOOTPRINT_FIELD * 8));
}
