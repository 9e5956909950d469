import type { Action } from './action';

/**
 * Error codes of the contract and the command line (design: they are public, never renamed).
 * This file carries no zod, so that the renderer can import it at run time.
 */
export const ERROR_CODES = [
  'usage',
  'validation',
  'not_found',
  'conflict',
  'in_use',
  'not_running',
  'already_running',
  'does_not_fit',
  'offline',
  'unauthorised',
  'gated',
  'rate_limited',
  'disk_full',
  'bad_hash',
  'unsafe_name',
  'cancelled',
  'timeout',
  'internal',
  'bad_frame',
  'unknown_method',
  'read_only',
  'quitting',
  'disconnected',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Why a server failed: public, in docs/command-line.md. */
export const FAILURE_CODES = [
  'port_in_use',
  'model_missing',
  'model_incomplete',
  'unsupported_architecture',
  'out_of_memory',
  'engine_missing',
  'engine_broken',
  'bad_option',
  'permission',
  'not_answering',
  'exited',
  'load_timeout',
  'custom_code',
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** What errors and failures have in common: a code for programs, a sentence for people, and what can be done. */
export interface Problem {
  readonly code: ErrorCode | FailureCode;
  readonly message: string;
  readonly action?: Action | undefined;
}

/** An error as it crosses a transport. */
export interface ErrorBody extends Problem {
  readonly data?: unknown;
}

/** A failure with a code for programs and a sentence for people. The only error that crosses a transport as itself. */
export class DomainError extends Error {
  readonly code: ErrorCode | FailureCode;
  readonly action: Action | undefined;
  readonly data: unknown;

  constructor(
    code: ErrorCode | FailureCode,
    message: string,
    extra: { action?: Action | undefined; data?: unknown; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'DomainError';
    this.code = code;
    this.action = extra.action;
    this.data = extra.data;
  }

  toBody(): ErrorBody {
    return {
      code: this.code,
      message: this.message,
      ...(this.action === undefined ? {} : { action: this.action }),
      ...(this.data === undefined ? {} : { data: this.data }),
    };
  }
}

/** One field that was refused, as `data.fields` of a `validation` error. */
export interface FieldProblem {
  readonly field: string;
  /** One sentence that names the field as programs know it. */
  readonly message: string;
  /** What the value must be, for a view that has a name of its own for the field: `must be from 1 to 120`. */
  readonly rule?: string | undefined;
}

/** A `validation` error that names every refused field with its limit. */
export function validationError(fields: readonly FieldProblem[]): DomainError {
  const message = fields.map((problem) => problem.message).join(' ');
  return new DomainError('validation', message, { data: { fields } });
}

/** The fields that an error refused; none of an error of another kind. */
export function fieldProblemsOf(error: unknown): readonly FieldProblem[] {
  if (!(error instanceof DomainError) || error.code !== 'validation') return [];
  const { fields }: { fields?: unknown } = Object(error.data);
  return Array.isArray(fields) ? fields : [];
}

/** What went wrong, for a sentence: the message of an error, or what was thrown instead of one. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
