/** Sentences about memory, the same from the core, the command line and the screens. */
import { formatMemory, GIB } from '../format/bytes';
import type { Machine } from './metrics';
import type { FitReport } from './memory';

/** What is missing as it is written: never `0.0`, since it is not enough. */
export function atLeastATenth(bytes: number): number {
  return Math.max(bytes, GIB / 10);
}

/** `4.0 GiB short`. */
export function shortText(shortBytes: number): string {
  return `${formatMemory(atLeastATenth(shortBytes))} short`;
}

/** What a refused start says: which limit refused it, with both numbers. */
export function doesNotFit(name: string, { fit }: Pick<FitReport, 'fit'>): string {
  return `${name} doesn't fit: it needs ${formatMemory(fit.total)}, ${freeText({ fit })}.`;
}

/** The same once there is room. */
export function fitsNow(name: string, { fit }: Pick<FitReport, 'fit'>): string {
  return `${name} fits now: it needs ${formatMemory(fit.total)}, ${freeText({ fit })}.`;
}

type MachineMemory = Pick<
  Machine,
  'memoryTotal' | 'memoryFree' | 'gpuLimit' | 'memoryLeft' | 'memoryLimit'
>;

/** What is free for servers, and of how much, bytes: the one number for the window, the menu bar and the terminal. */
export function freeMemory(machine: MachineMemory): { free: number; total: number } {
  const total = machine.memoryLimit ?? machine.gpuLimit ?? machine.memoryTotal;
  return { free: Math.max(0, Math.min(machine.memoryLeft ?? machine.memoryFree, total)), total };
}

/** `25.4 GiB is free`, or the same of the person's own limit. */
export function freeText({ fit }: Pick<FitReport, 'fit'>): string {
  const free = formatMemory(Math.max(0, fit.limit - fit.inUse));
  return fit.limitSource === 'setting'
    ? `${free} of your ${formatMemory(fit.limit)} limit for servers is free`
    : `${free} is free`;
}
