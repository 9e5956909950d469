import { messageOf } from '@shared/errors';
import type { Logger } from '../ports';
import type { Processes } from '../ports/processes';
import { linuxProcesses } from './linux-processes';
import { MAC_LIBRARY, openMacLibrary } from './mac-library';
import { macProcesses } from './mac-processes';
import { psProcesses } from './ps-processes';

/** The processes of this machine, in the best way that it has; what that needs is loaded when it is first asked. */
export function openProcesses(
  logger?: Pick<Logger, 'warn'>,
  platform: NodeJS.Platform = process.platform,
  library = MAC_LIBRARY,
): Processes {
  if (platform === 'linux') return linuxProcesses();
  let opened: Promise<Processes> | undefined;
  const open = (): Promise<Processes> => {
    opened ??= openMac(logger, library);
    return opened;
  };
  return {
    list: async () => (await open()).list(),
    read: async (pid) => (await open()).read(pid),
    carrying: async (name, value, since) => (await open()).carrying(name, value, since),
    listeners: async (port, candidates) => (await open()).listeners(port, candidates),
    connections: async (port, pid) => (await open()).connections(port, pid),
    usage: async (pids) => (await open()).usage(pids),
  };
}

async function openMac(
  logger: Pick<Logger, 'warn'> | undefined,
  library: string,
): Promise<Processes> {
  try {
    return macProcesses(await openMacLibrary(library));
  } catch (error) {
    logger?.warn(
      'The library of the system cannot be called: processes are looked at with ps and lsof, and their memory is not shown',
      { error: messageOf(error) },
    );
    // The resident size would be a lie on Apple silicon.
    return psProcesses(false);
  }
}
