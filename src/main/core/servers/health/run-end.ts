import type { ServerFailure } from '@shared/domain/server';
import {
  cannotBeStopped,
  leftOnOtherMachines,
  stoppedResponding,
} from '../../failures/run-failures';
import type { EngineProcess } from '../launch/engine-process';
import { describeExit } from '../launch/exit';

/** How a run ended by itself. */
export interface RunEnd {
  readonly failure: ServerFailure;
  readonly wasReady: boolean;
  readonly cleanExit: boolean;
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

/** A process that the system keeps although it was killed, or machines on which something is left. */
export function stuckFailure({ identity }: EngineProcess, left?: string): ServerFailure {
  return left === undefined ? cannotBeStopped([identity]) : leftOnOtherMachines(identity, left);
}

/** A run's end in few words, for its log. */
export function endText({ exit }: EngineProcess, end: RunEnd | undefined): string {
  if (!end) return 'stopped';
  return exit ? describeExit(exit) : end.failure.code;
}
