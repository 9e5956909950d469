import type { ServerFailure } from '@shared/domain/server';
import { DomainError, FAILURE_CODES, type FailureCode } from '@shared/errors';
import type { ProcessInfo } from '../../ports/processes';
import type { ServerProcess } from '../launch/server-process';
import { describeExit } from '../launch/exit';
import { failure } from '../../failures/failure';

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

/**
 * A process that the system keeps although it was killed, machines on which something is left, or a system that
 * could not tell whether anything is.
 */
export function stuckFailure(
  { identity }: Pick<ServerProcess, 'identity'>,
  left: string | { readonly reason: string } | undefined,
  survivors: readonly ProcessInfo[] = [],
): ServerFailure {
  const evidence = (survivors.length > 0 ? survivors : [identity]).map(({ pid, command }) => ({
    label: 'Process',
    text: `${pid}: ${command}`,
  }));
  const action = { id: 'retry_stop', label: 'Try to stop it again' };
  if (typeof left === 'object') {
    const message = `MLX Manager can't tell whether process ${identity.pid} is gone: ${left.reason}`;
    return failure('not_answering', endSentence(message), evidence, action);
  }
  const pids =
    evidence.length > 1
      ? `${evidence.length} processes are`
      : `Process ${survivors[0]?.pid ?? identity.pid} is`;
  const kept = `${pids} still there 5 s after SIGKILL; the system can't end ${evidence.length > 1 ? 'them' : 'it'} yet.`;
  return failure('not_answering', left ?? kept, evidence, action);
}

const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A program that left its place to a process of its own in the background, where it cannot be supervised. */
export function inBackground({ identity }: Pick<ServerProcess, 'identity'>): ServerFailure {
  return failure(
    'bad_option',
    'The program moved itself to the background, so it was ended. Turn off its daemon option so that it stays in the foreground.',
    [{ label: 'Command', text: identity.command }],
  );
}

/** A run's end in few words, for its log. */
export function endText({ exit }: Pick<ServerProcess, 'exit'>, end: RunEnd | undefined): string {
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
