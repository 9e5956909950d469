import { DomainError, messageOf } from '@shared/errors';

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
  const code = codeOf(error);
  if (isNoRoom(error)) {
    return new DomainError(
      'disk_full',
      `${path} could not be written: the disk is full. Nothing was changed; free some space and try again.`,
      { cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new DomainError(
      'permission',
      `${path} may not be written (${code}). Nothing was changed; give yourself write access and try again.${privacyAdvice(path, code)}`,
      { cause: error },
    );
  }
  return new DomainError(
    'internal',
    `${path} could not be written: ${messageOf(error)}. Nothing was changed.`,
    { cause: error },
  );
}
