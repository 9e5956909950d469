import type { ErrorCode, FailureCode } from './index';

/** What the system refused, in words. */
export interface SystemProblem {
  readonly code: ErrorCode | FailureCode;
  /** What happened, with the file or folder. */
  readonly sentence: string;
  /** What a person can do about it, as a sentence; '' where the first one says it. */
  readonly advice: string;
}

const ACCESS = 'Give yourself access and try again.';
const SPACE = 'Free some space and try again.';

type Words = (what: string, code: string) => SystemProblem;

const say =
  (
    code: ErrorCode | FailureCode,
    sentence: (what: string, name: string) => string,
    advice = '',
  ): Words =>
  (what, name) => ({ code, sentence: sentence(what, name), advice });

const denied = say(
  'permission',
  (at, name) => `You don't have permission to use ${at} (${name}).`,
  ACCESS,
);

/** The system's short names for what a person can meet; for the others its own text has to do. */
const WORDS: Readonly<Record<string, Words>> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: say(
    'permission',
    (at) => `${at} is on a read-only disk.`,
    'Make the disk writable, or choose another place.',
  ),
  ENOSPC: say('disk_full', (at) => `The disk is full, so ${at} can't be written.`, SPACE),
  EDQUOT: say('disk_full', (at) => `Your disk quota is used up, so ${at} can't be written.`, SPACE),
  EIO: say('internal', (at) => `The disk reported an error for ${at}.`, 'Check the disk.'),
  EMFILE: say(
    'internal',
    (at) => `Too many files are open to open ${at}.`,
    'Close some apps and try again.',
  ),
  ENFILE: say(
    'internal',
    (at) => `Too many files are open to open ${at}.`,
    'Close some apps and try again.',
  ),
  ENOENT: say('not_found', (at) => `${at} doesn't exist.`),
  ENOTDIR: say('validation', (at) => `${at} can't be used because part of its path is a file.`),
  EISDIR: say('validation', (at) => `${at} is a folder, not a file.`),
  ELOOP: say('validation', (at) => `${at} is a link that leads back to itself.`),
  ENAMETOOLONG: say('validation', (at) => `${at} is too long for a path.`),
};

/**
 * What an error of the system means, instead of its own text such as `EROFS: read-only file system, open '/x'`;
 * undefined for what the system did not say, or says of something else than a file.
 * @param at the file or folder, where it is known better than the error knows it.
 */
export function systemProblem(error: unknown, at?: string): SystemProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path, syscall }: { code?: unknown; path?: unknown; syscall?: unknown } =
    Object(error);
  const words = typeof code === 'string' && Object.hasOwn(WORDS, code) ? WORDS[code] : undefined;
  if (words === undefined || /^(?:connect|listen|bind|spawn|getaddrinfo)/.test(String(syscall))) {
    return undefined;
  }
  return words(at ?? (typeof path === 'string' ? path : 'a file'), String(code));
}
