import type { ProcessInfo, Processes, Seen } from '../../ports/processes';
import { isSameProcess } from '../../processes/identity';
import { NONCE_VARIABLE, type OwnershipRecord } from './ownership';

/** A record whose process is known. */
export type CompleteRecord = OwnershipRecord & {
  readonly process: NonNullable<OwnershipRecord['process']>;
};

/**
 * The record with the process that runs for it now: the one written down, or, where the manager was ended before
 * it could write that (or wrote it in another form), the one that carries the record's nonce. Undefined when there
 * is none, unknown when that cannot be told.
 */
export async function findRun(
  record: OwnershipRecord,
  processes: Processes,
): Promise<Seen<CompleteRecord | undefined>> {
  const { process: written } = record;
  if (written) {
    const now = await processes.read(written.pid);
    if (!now.known) return now;
    if (isSameProcess(written, now.value) && now.value?.state !== 'Z') {
      return { known: true, value: { ...record, process: written } };
    }
  }
  const carriers = await processes.carrying(NONCE_VARIABLE, record.nonce);
  if (!carriers.known) return carriers;
  const root = rootOf(carriers.value, written?.pid);
  if (!root) return { known: true, value: undefined };
  // Only reading one process gives its command line.
  const read = await processes.read(root.pid);
  if (!read.known) return read;
  if (!isSameProcess(root, read.value) || !read.value) return { known: true, value: undefined };
  const { pid, pgid, startTime, command } = read.value;
  return { known: true, value: { ...record, process: { pid, pgid, startTime, command } } };
}

/** The one that was spawned: it leads its group, as each engine does; what it left behind is no server. */
function rootOf(
  carriers: readonly ProcessInfo[],
  written: number | undefined,
): ProcessInfo | undefined {
  return written === undefined
    ? carriers.find(
        ({ pid, pgid, ppid }) => pid === pgid && !carriers.some((other) => other.pid === ppid),
      )
    : carriers.find(({ pid }) => pid === written);
}
