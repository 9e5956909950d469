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
  /** The exception in its log that may be the cause, in the engine's words. */
  readonly exception: string | undefined;
}

/** The process ended, and no text in its log that is known names the cause. */
export function engineEnded(
  { how, killed, wasReady, exception }: EngineEnd,
  evidence: readonly Evidence[],
): ServerFailure {
  const when = wasReady ? '' : ' while it was loading';
  const message = killed
    ? `The engine was killed${when}, either by the system because memory ran out or by another program.`
    : because(`The engine quit unexpectedly${when} (${how})`, exception);
  return failure('exited', message, evidence);
}

/** The process lives on, and a thread of it has ended by an exception: `main`, or what it is called. */
export function threadEnded(
  thread: string,
  exception: string,
  evidence: readonly Evidence[],
): ServerFailure {
  const which = thread === 'main' ? 'main thread' : `thread ${thread}`;
  return failure('exited', because(`The engine’s ${which} ended`, exception), evidence);
}

/** The process lives, and its health check answers an error for too long. */
export function healthCheckFails(
  exception: string | undefined,
  evidence: readonly Evidence[],
): ServerFailure {
  const message = because('The engine is running, but its health check fails', exception);
  return failure('not_answering', message, evidence);
}

/** `seen` without a full stop, with the exception that may be its cause. */
function because(seen: string, exception: string | undefined): string {
  return exception === undefined ? `${seen}. Its log doesn't say why.` : `${seen}: ${exception}.`;
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
  const message = `The server wasn't ready within ${seconds} s, the profile's limit, and its log showed no progress in that time.`;
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

/** On other machines something is left: `left` says what and where. Here are the root and what survived. */
export function leftOnOtherMachines(
  root: SeenProcess,
  survivors: readonly SeenProcess[],
  left: string,
): ServerFailure {
  const seen = survivors.length > 0 ? survivors : [root];
  return failure('not_answering', left, seen.map(evidenceOf), makeAction('retry_stop'));
}

/** The system could not tell whether the process is gone: `reason` as a clause, without a full stop. */
export function fateUnknown(process: SeenProcess, reason: string): ServerFailure {
  const message = `MLX Manager can't tell whether process ${process.pid} is gone: ${reason}.`;
  return failure('not_answering', message, [evidenceOf(process)], makeAction('retry_stop'));
}

/** Its profile was deleted between the wish to start it and the start. */
export function profileGone(): ServerFailure {
  return failure('exited', "This server's profile was deleted.");
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
  return failure('out_of_memory', `Not restarted: ${message}`, [], action);
}
