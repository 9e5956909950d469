import { DomainError, messageOf } from '@shared/errors';
import { systemProblem } from '@shared/errors/system-error';

import { privacyAdvice } from './privacy';

/** Whether there was no room for a write: on the disk, or within what the user may take of it. */
export function isNoRoom(error: unknown): boolean {
  return codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** A failed write as a person should read it. */
export function writeError(path: string, error: unknown): DomainError {
  const problem = systemProblem(error, path);
  const sentence = problem?.sentence ?? `Couldn't write ${path}: ${messageOf(error)}.`;
  const message = [sentence, 'Nothing was changed.', problem?.advice].filter(Boolean).join(' ');
  // What else keeps a write of ours from its place is nothing that was asked for.
  const isKnown = problem?.code === 'permission' || problem?.code === 'disk_full';
  const code = isKnown ? problem.code : 'internal';
  return new DomainError(code, `${message}${privacyAdvice(path, codeOf(error))}`, { cause: error });
}
