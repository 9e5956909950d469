import type { ServerFailure } from '@shared/domain/server';
import { DomainError, FAILURE_CODES, type FailureCode } from '@shared/errors';
import type { EngineProcess } from '../launch/engine-process';
import { describeExit } from '../launch/exit';
import { failure } from '../../failures/failure';

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
  const seconds = Math.round(limitMs / 1000);
  return {
    failure: failure(
      'not_answering',
      `The server made no progress for ${seconds} s: no token, no CPU time and no log. It was ended.`,
      [{ label: 'Limit', text: `${seconds} s without progress, set in the profile` }],
    ),
    wasReady: true,
    cleanExit: false,
  };
}

/** A process that the system keeps although it was killed, or machines on which something is left. */
export function stuckFailure({ identity }: EngineProcess, left?: string): ServerFailure {
  return failure(
    'not_answering',
    left ??
      `Process ${identity.pid} is still there 5 s after SIGKILL; the system cannot end it yet.`,
    [{ label: 'Process', text: `${identity.pid}: ${identity.command}` }],
    { id: 'retry_stop', label: 'Try to stop it again' },
  );
}

/** A run's end in few words, for its log. */
export function endText({ exit }: EngineProcess, end: RunEnd | undefined): string {
  if (!end) return 'stopped';
  return exit ? describeExit(exit) : end.failure.code;
}

/** What went wrong on our side, as a server's failure. */
export function asFailure(error: unknown): ServerFailure {
  if (error instanceof DomainError) {
    const code = (FAILURE_CODES as readonly string[]).includes(error.code)
      ? (error.code as FailureCode)
      : 'engine_broken';
    return failure(code, error.message);
  }
  const message = error instanceof Error ? error.message : String(error);
  return failure('exited', `The manager could not supervise this server: ${message}`);
}
