import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * The system's own name for the time since it was booted, so that a crash of the machine can be told from
 * one of the manager; '' where it cannot be read.
 *
 * Sources: proc_sys_kernel(5) `random/boot_id`; XNU bsd/kern/kern_sysctl.c `kern.bootsessionuuid`.
 */
export async function readBootId(platform: NodeJS.Platform = process.platform): Promise<string> {
  try {
    if (platform === 'linux') {
      return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    }
    const run = promisify(execFile);
    const { stdout } = await run('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], {
      timeout: 2000,
    });
    return stdout.trim();
  } catch {
    return '';
  }
}
