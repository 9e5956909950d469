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
  return failure('exited', message, evidence);
}

/** The process lives, its health check answers an error for too long, and its log names no cause. */
export function healthCheckFails(evidence: readonly Evidence[]): ServerFailure {
  const message = "The engine is running, but its health check fails. Its log doesn't say why.";
  return failure('not_answering', message, evidence);
}

/** Ended by us, since nothing of it moved for `limitMs`: no token, no CPU time, no line of its log. */
export function stoppedResponding(limitMs: number): ServerFailure {
  const seconds = Math.round(limitMs / 1000);
  const message = `The server stopped responding for ${seconds} s and was ended.`;
  const limit = { label: 'Limit', text: `${seconds} s without progress, set in the profile` };
  return failure('not_answering', message, [limit]);
}

/** Not ready within the profile's limit, ms. */
export function notReadyInTime(limitMs: number, lastLine: string | undefined): ServerFailure {
  const seconds = Math.round(limitMs / 1000);
  const evidence = lastLine === undefined ? [] : [{ label: 'Last line', text: lastLine }];
  const message = `The server was not ready within ${seconds} s, the limit of this profile.`;
  return failure('load_timeout', message, evidence);
}

interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes, at least one, that the system keeps although they were killed. */
export function cannotBeStopped(processes: readonly SeenProcess[]): ServerFailure {
  const [first, ...more] = processes;
  const message =
    more.length > 0
      ? `${processes.length} processes are still there 5 s after SIGKILL; the system can't end them yet.`
      : `Process ${first?.pid ?? ''} is still there 5 s after SIGKILL; the system can't end it yet.`;
  return failure('not_answering', message, processes.map(evidenceOf), makeAction('retry_stop'));
}

/** On other machines something is left: `left` says what and where. */
export function leftOnOtherMachines(process: SeenProcess, left: string): ServerFailure {
  return failure('not_answering', left, [evidenceOf(process)], makeAction('retry_stop'));
}

/** The system could not tell whether the process is gone: `reason` is its sentence. */
export function fateUnknown(process: SeenProcess, reason: string): ServerFailure {
  const message = `MLX Manager can't tell whether process ${process.pid} is gone.`;
  const evidence = [evidenceOf(process), { label: 'Reason', text: reason }];
  return failure('not_answering', message, evidence, makeAction('retry_stop'));
}

/** A program that left its place to a process of its own in the background, where it cannot be supervised. */
export function movedToBackground(command: string): ServerFailure {
  return failure(
    'bad_option',
    'The program moved itself to the background, so it was ended. Turn off its daemon option so that it stays in the foreground.',
    [{ label: 'Command', text: command }],
  );
}

function evidenceOf({ pid, command }: SeenProcess): Evidence {
  return { label: 'Process', text: `${pid}: ${command}` };
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
  return failure('out_of_memory', `Not started again: ${message}`, [], action);
}
