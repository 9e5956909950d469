import { DomainError } from '@shared/errors';
import { makeAction } from '@shared/errors/action';

import { isUntrusted, offlineError, reasonOf } from '../hub/hub-errors';
import { ClosedAddressError } from '../hub/public-address';
import { writeError } from '../storage/write-error';
import { StallError } from './byte-stream';
import { NoRangeError } from './fetch-piece';
import { BadHashError, RestartError } from './file-task';
import { LengthError } from './length-error';

/** What an error of a download means for it. */
export type FetchError =
  /** Over: a new try would end the same way. */
  | { readonly kind: 'fatal'; readonly error: DomainError }
  /** The hub says when it may be asked again. */
  | { readonly kind: 'wait'; readonly ms: number; readonly message: string }
  /** No answer came; it goes on when the network does. */
  | { readonly kind: 'network'; readonly message: string }
  /** The hub has a problem of its own; a few more tries. */
  | { readonly kind: 'server'; readonly error: DomainError }
  /** The whole file in one go, from its beginning. */
  | { readonly kind: 'whole' }
  /** As a wrong hash. */
  | { readonly kind: 'length'; readonly message: string }
  /** Somebody else began the file anew. */
  | { readonly kind: 'restarted' };

/** Errors of the file system; everything else without a code of ours is one of the network. */
const DISK = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EMFILE',
  'EFBIG',
  'ENAMETOOLONG',
  'ELOOP',
]);

/** What the file system says of a folder that somebody has removed. */
const GONE = new Set(['ENOENT', 'ENOTDIR']);

/** @param folder what could not be written, for the sentence; `host`: what was asked. */
export function classifyError(error: unknown, folder: string, host: string): FetchError {
  if (error instanceof RestartError) return { kind: 'restarted' };
  if (error instanceof NoRangeError) return { kind: 'whole' };
  if (error instanceof LengthError) return { kind: 'length', message: error.message };
  if (error instanceof BadHashError) return { kind: 'fatal', error: badHash(error.message) };
  if (error instanceof DomainError) return ofDomainError(error);
  if (error instanceof StallError) return { kind: 'network', message: error.message };
  const closed = causeOf(error, ClosedAddressError);
  if (closed) {
    const message = `Nothing was downloaded: ${closed.message}.`;
    return { kind: 'fatal', error: new DomainError('unauthorised', message) };
  }
  const { code = '' } = error as NodeJS.ErrnoException;
  // Addresses that are not found have ENOTFOUND; ENOENT is a folder's.
  if (DISK.has(code) && !('hostname' in (error as object))) {
    if (GONE.has(code)) return { kind: 'fatal', error: folderGone(folder) };
    return { kind: 'fatal', error: writeError(folder, error) };
  }
  const { message } = offlineError(host, error);
  // No new try mends it.
  if (isUntrusted(reasonOf(error))) {
    return { kind: 'fatal', error: new DomainError('offline', message) };
  }
  return { kind: 'network', message };
}

function ofDomainError(error: DomainError): FetchError {
  const data: { retrySeconds?: unknown; status?: unknown } = Object(error.data);
  if (error.code === 'rate_limited') {
    const seconds = typeof data.retrySeconds === 'number' ? data.retrySeconds : 30;
    return { kind: 'wait', ms: seconds * 1000, message: error.message };
  }
  if (error.code !== 'offline') return { kind: 'fatal', error };
  return typeof data.status === 'number' || error.cause === undefined
    ? { kind: 'server', error }
    : { kind: 'network', message: error.message };
}

/** Somebody removed what was being written. */
export function folderGone(folder: string): DomainError {
  return new DomainError(
    'not_found',
    `${folder} was removed during the download. Try again to download the missing files.`,
    { action: makeAction('retry') },
  );
}

export function badHash(what: string): DomainError {
  return new DomainError(
    'bad_hash',
    `${what}, even on a second try. Something between Hugging Face and this machine changes it, or the file on Hugging Face is damaged.`,
    { action: makeAction('retry') },
  );
}

function causeOf<T extends Error>(
  error: unknown,
  type: new (...args: never[]) => T,
): T | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof type) return at;
  }
  return undefined;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** Half a second, doubling to a minute, up to a fifth more. */
export function backoffMs(round: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, round - 1));
  return Math.round(wait * (1 + random * 0.2));
}
