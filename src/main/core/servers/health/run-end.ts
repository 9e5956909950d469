import type { ServerFailure } from '@shared/domain/server';
import {
  cannotBeStopped,
  fateUnknown,
  leftOnOtherMachines,
  stoppedResponding,
} from '../../failures/run-failures';
import type { ProcessInfo } from '../../ports/processes';
import type { ServerProcess } from '../launch/server-process';
import { describeExit } from '../launch/exit';

/** How a run ended by itself. */
export interface RunEnd {
  readonly failure: ServerFailure;
  readonly wasReady: boolean;
  readonly cleanExit: boolean;
  /** Number of its log. */
  readonly logRun?: number;
  /** It never began: what is missing does not come by trying again. */
  readonly final?: boolean;
}

/** A run that never had a process. */
export function neverBegan(reason: ServerFailure): RunEnd {
  return { failure: reason, wasReady: false, cleanExit: false, final: true };
}

/** A run that was ended because nothing of it moved for `limitMs`. */
export function hungEnd(limitMs: number): RunEnd {
  return { failure: stoppedResponding(limitMs), wasReady: true, cleanExit: false };
}

/**
 * A process that the system keeps although it was killed, machines on which something is left, or a system that
 * could not tell whether anything is.
 */
export function stuckFailure(
  { identity }: Pick<ServerProcess, 'identity'>,
  left: string | { readonly reason: string } | undefined,
  survivors: readonly ProcessInfo[] = [],
): ServerFailure {
  if (typeof left === 'object') return fateUnknown(identity, left.reason);
  if (left !== undefined) return leftOnOtherMachines(identity, survivors, left);
  return cannotBeStopped(survivors.length > 0 ? survivors : [identity]);
}

/** A run's end in few words, for its log. */
export function endText({ exit }: Pick<ServerProcess, 'exit'>, end: RunEnd | undefined): string {
  if (!end) return 'stopped';
  return exit ? describeExit(exit) : end.failure.code;
}
