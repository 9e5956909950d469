import type { ErrorCode, FailureCode } from './index';

/** What an error or a failure is called where there is no room for its sentence: at most four words. */
const WORDS: Readonly<Record<ErrorCode | FailureCode, string>> = {
  port_in_use: 'port in use',
  model_missing: 'model missing',
  model_incomplete: 'model incomplete',
  unsupported_architecture: 'not supported',
  out_of_memory: 'out of memory',
  engine_missing: 'engine missing',
  engine_broken: 'engine broken',
  bad_option: 'wrong option',
  permission: 'no permission',
  not_answering: 'not responding',
  exited: 'crashed',
  load_timeout: 'load timed out',
  custom_code: 'custom code',

  usage: 'wrong usage',
  validation: 'invalid',
  not_found: 'not found',
  conflict: 'conflict',
  in_use: 'in use',
  not_running: 'not running',
  already_running: 'already running',
  does_not_fit: "doesn't fit",
  offline: 'no connection',
  unauthorised: 'not allowed',
  gated: 'needs approval',
  rate_limited: 'too many requests',
  disk_full: 'disk full',
  bad_hash: 'damaged file',
  unsafe_name: 'unsafe file name',
  cancelled: 'canceled',
  timeout: 'timed out',
  internal: 'unexpected error',
  bad_frame: 'unexpected error',
  unknown_method: 'unexpected error',
  read_only: 'read-only',
  quitting: 'quitting',
  disconnected: 'disconnected',
};

/** For the middle of a line: `Failed: out of memory`. */
export function failureWords(code: ErrorCode | FailureCode): string {
  return WORDS[code];
}

/** For a place of its own: `Out of memory`. */
export function failureLabel(code: ErrorCode | FailureCode): string {
  const words = WORDS[code];
  return words.charAt(0).toUpperCase() + words.slice(1);
}
