import { readFile } from 'node:fs/promises';

import { MAC_LIBRARY, openMacLibrary } from './mac-library';
import { runTool } from './run-tool';

/**
 * The system's own name for the time since it was booted, so that a crash of the machine can be told from
 * one of the manager; '' where it cannot be told, which is the same boot as no other.
 *
 * Sources: proc_sys_kernel(5) `random/boot_id`; XNU bsd/kern/kern_sysctl.c `kern.bootsessionuuid`.
 */
export async function readBootId(
  platform: NodeJS.Platform = process.platform,
  library = MAC_LIBRARY,
): Promise<string> {
  try {
    return platform === 'linux'
      ? (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
      : await readFromLibrary(library);
  } catch {
    if (platform === 'linux') return '';
    const answer = await runTool('sysctl', ['-n', NAME]);
    return answer.known && answer.value.code === 0 ? answer.value.stdout.trim() : '';
  }
}

const NAME = 'kern.bootsessionuuid';

/** A text that ends with a zero byte. @throws where it cannot be read. */
async function readFromLibrary(path: string): Promise<string> {
  const mac = await openMacLibrary(path);
  const value = Buffer.alloc(64);
  const length = new BigUint64Array([BigInt(value.length)]);
  if (mac.sysctlByName(NAME, value, length) !== 0) throw new Error(`${NAME} cannot be read`);
  return value.toString('utf8', 0, Number(length[0]) - 1);
}
