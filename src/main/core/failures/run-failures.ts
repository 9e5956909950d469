import type { Evidence, Failure } from '@shared/domain/failure';
import type { ServerFailure, StartRefusal } from '@shared/domain/server';
import type { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { failure } from './failure';

/** How an engine's process came to its end. */
export interface EngineEnd {
  /** In few words: `exit code 1`, `signal SIGTERM`. */
  readonly how: string;
  /** By SIGKILL, which no program can answer. */
  readonly killed: boolean;
  readonly wasReady: boolean;
}

/** The process ended, and its log names no cause. */
export function engineEnded(
  { how, killed, wasReady }: EngineEnd,
  evidence: readonly Evidence[],
): ServerFailure {
  const when = wasReady ? '' : ' while it was loading';
  const message = killed
    ? `The engine was killed${when}, either by the system because memory ran out or by another program.`
    : `The engine quit unexpectedly${when} (${how}). Its log doesn't say why.`;
  return failure('exited', message, { evidence });
}

/** The process lives, its health check answers an error for too long, and its log names no cause. */
export function healthCheckFails(evidence: readonly Evidence[]): ServerFailure {
  const message = "The engine is running, but its health check fails. Its log doesn't say why.";
  return failure('not_answering', message, { evidence });
}

/** Ended by us, since nothing of it moved for `limitMs`: no token, no CPU time, no line of its log. */
export function stoppedResponding(limitMs: number): ServerFailure {
  const seconds = Math.round(limitMs / 1000);
  return failure('not_answering', `The server stopped responding for ${seconds} s and was ended.`, {
    evidence: [{ label: 'Limit', text: `${seconds} s without progress, set in the profile` }],
  });
}

/** Not ready within the profile's limit, ms. */
export function notReadyInTime(limitMs: number, lastLine: string | undefined): ServerFailure {
  const seconds = Math.round(limitMs / 1000);
  const evidence = lastLine === undefined ? [] : [{ label: 'Last line', text: lastLine }];
  const message = `The server was not ready within ${seconds} s, the limit of this profile.`;
  return failure('load_timeout', message, { evidence });
}

interface Survivor {
  readonly pid: number;
  readonly command: string;
  /** What is left, where that is not the process itself. */
  readonly left?: string | undefined;
}

/** A process that the system keeps although it was killed, or machines on which something is left. */
export function cannotBeStopped({ pid, command, left }: Survivor): ServerFailure {
  const message =
    left ?? `Process ${pid} is still there 5 s after SIGKILL; the system cannot end it yet.`;
  return failure('not_answering', message, {
    evidence: [{ label: 'Process', text: `${pid}: ${command}` }],
    action: makeAction('retry_stop'),
  });
}

/** A start that was refused for lack of memory, as it is kept until the next one. */
export function noRoomToStart(
  profileId: string,
  { message, shortBytes }: Pick<StartRefusal, 'message' | 'shortBytes'>,
): Failure {
  const action = makeAction('make_room', { profileId });
  return { code: 'does_not_fit', message, action, evidence: [], shortBytes };
}

/** It ended, and by now its memory is taken: `refusal` says by how much. */
export function noRoomToRestart({ message, action }: DomainError): ServerFailure {
  return failure('out_of_memory', `Not started again: ${message}`, { action });
}
