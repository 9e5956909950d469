/** What of the system's library is called. Buffers are memory that the call reads or fills. */
export interface MacLibrary {
  /** `errno` of the last call. */
  readonly errno: () => number;
  /** sysctl(3); `length` holds the size of `value`, afterwards that of the answer. 0, or -1 with errno. */
  readonly sysctl: (name: Int32Array, value: Buffer, length: BigUint64Array) => number;
  /** sysctlbyname(3), as {@link sysctl}. */
  readonly sysctlByName: (name: string, value: Buffer, length: BigUint64Array) => number;
  /** How many bytes were filled, 0 with errno. */
  readonly pidInfo: (pid: number, flavor: number, value: Buffer) => number;
  /** As {@link pidInfo}, about one of its file descriptors. */
  readonly fdInfo: (pid: number, fd: number, flavor: number, value: Buffer) => number;
  /** 0, or -1 with errno. */
  readonly rusage: (pid: number, flavor: number, value: Buffer) => number;
  /** Nanoseconds of one unit of the kernel's clock, which is 1 on Intel and 125/3 on Apple silicon. */
  readonly nanosecondsPerTick: number;
  /** host_statistics64 of this machine: 0 on success; `count` is as {@link sysctl}'s length, in words of 32 bits. */
  readonly hostStatistics: (flavor: number, value: Buffer, count: Uint32Array) => number;
}

/** libSystem has all of libc, libproc and Mach; it is in the system's cache, not on the disk. */
export const MAC_LIBRARY = '/usr/lib/libSystem.B.dylib';

/**
 * Opens the library, whose functions are declared in sys/sysctl.h, libproc.h, mach/mach_time.h and
 * mach/mach_host.h of Apple's XNU.
 * @throws when koffi or the library cannot be loaded, or lacks one of them.
 */
export async function openMacLibrary(path = MAC_LIBRARY): Promise<MacLibrary> {
  const { default: koffi } = await import('koffi');
  const library = koffi.load(path);
  const sysctl = library.func(
    'int sysctl(void *name, uint32_t length, void *old, void *oldLength, void *new, size_t newLength)',
  );
  const byName = library.func(
    'int sysctlbyname(const char *name, void *old, void *oldLength, void *new, size_t newLength)',
  );
  const pidInfo = library.func(
    'int proc_pidinfo(int pid, int flavor, uint64_t argument, void *buffer, int size)',
  );
  const fdInfo = library.func(
    'int proc_pidfdinfo(int pid, int fd, int flavor, void *buffer, int size)',
  );
  const rusage = library.func('int proc_pid_rusage(int pid, int flavor, void *buffer)');
  const timebase = library.func('int mach_timebase_info(void *info)');
  const hostSelf = library.func('uint32_t mach_host_self()');
  const statistics = library.func(
    'int host_statistics64(uint32_t host, int flavor, void *info, void *count)',
  );
  const [numerator = 1, denominator = 1] = readTimebase(timebase);
  const host: unknown = hostSelf();
  return {
    errno: () => koffi.errno(),
    sysctl: (name, value, length) => sysctl(name, name.length, value, length, null, 0),
    sysctlByName: (name, value, length) => byName(name, value, length, null, 0),
    pidInfo: (pid, flavor, value) => {
      koffi.errno(0); // a process without descriptors is no error, and leaves errno as it was
      return pidInfo(pid, flavor, 0, value, value.length);
    },
    fdInfo: (pid, fd, flavor, value) => fdInfo(pid, fd, flavor, value, value.length),
    rusage: (pid, flavor, value) => rusage(pid, flavor, value),
    nanosecondsPerTick: numerator / denominator,
    hostStatistics: (flavor, value, count) => statistics(host, flavor, value, count),
  };
}

/** struct mach_timebase_info: numerator and denominator. */
function readTimebase(timebase: (info: Uint32Array) => number): Uint32Array {
  const info = new Uint32Array(2);
  if (timebase(info) !== 0) throw new Error('mach_timebase_info failed');
  return info;
}
