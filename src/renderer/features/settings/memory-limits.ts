import type { Machine } from '@shared/domain/metrics';
import type { Settings } from '@shared/domain/settings';
import { formatMemory, GIB } from '@shared/format/bytes';

type Limits = Pick<Machine, 'memoryTotal' | 'gpuLimit'>;

/** The most that models may take by the machine itself, bytes. */
function machineLimit({ memoryTotal, gpuLimit }: Limits): number {
  return gpuLimit ?? memoryTotal;
}

/** What a server should leave over, bytes. */
export function keptFree(
  {
    keepFreePercent,
    serverMemoryLimitGib,
  }: Pick<Settings, 'keepFreePercent' | 'serverMemoryLimitGib'>,
  machine: Limits,
): number {
  const own = serverMemoryLimitGib * GIB;
  const limit = own > 0 ? Math.min(own, machineLimit(machine)) : machineLimit(machine);
  return Math.max(GIB, (limit * keepFreePercent) / 100);
}

/** What the limit of one's own means on this machine. */
export function limitHint(
  { serverMemoryLimitGib }: Pick<Settings, 'serverMemoryLimitGib'>,
  machine: Limits,
): string {
  const most = formatMemory(machineLimit(machine));
  const whose = machine.gpuLimit === undefined ? 'this machine has' : 'the GPU may use';
  if (serverMemoryLimitGib === 0)
    return `For all servers together. 0 means all of the ${most} that ${whose}.`;
  return serverMemoryLimitGib * GIB > machineLimit(machine)
    ? `More than ${whose}. ${most} is used instead.`
    : `For all servers together, of the ${most} that ${whose}. 0 means all of it.`;
}
