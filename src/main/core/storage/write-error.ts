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
  const { code, sentence, advice } = systemProblem(error, path) ?? {
    code: 'internal',
    sentence: `Couldn't write ${path}: ${messageOf(error)}.`,
    advice: '',
  };
  const message = [sentence, 'Nothing was changed.', advice].filter(Boolean).join(' ');
  return new DomainError(code, `${message}${privacyAdvice(path, codeOf(error))}`, { cause: error });
}
