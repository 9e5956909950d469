import { Evidence, type Failure } from '@shared/domain/failure';
import type { ServerFailure } from '@shared/domain/server';
import { DomainError, FAILURE_CODES, type FailureCode, messageOf } from '@shared/errors';
import { knownAction } from '@shared/errors/action';
import { z } from 'zod';

/** The facts of a failure that an error carries in its data. */
const Facts = z.object({
  evidence: z.array(Evidence).catch([]),
  shortBytes: z.number().optional().catch(undefined),
});

/** What was thrown, as the failure that views show. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof DomainError)) {
    return { code: 'internal', message: unexpected(error), evidence: [] };
  }
  const { code, message, action, data } = error;
  const { evidence, shortBytes } = Facts.safeParse(data).data ?? { evidence: [] };
  return {
    ...{ code, message, evidence },
    ...(action === undefined ? {} : { action }),
    ...(shortBytes === undefined ? {} : { shortBytes }),
  };
}

/** The same as a server's failure, which has fewer codes. */
export function toServerFailure(error: unknown): ServerFailure {
  const { code, ...rest } = toFailure(error);
  if (isFailureCode(code)) return { ...rest, code };
  return { ...rest, code: error instanceof DomainError ? 'engine_broken' : 'exited' };
}

interface ErrorFacts {
  /** Instead of the failure's own sentence, for who does not know what it is about. */
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A failure as an error, for who waited for what failed. Its facts are in the error's data. */
export function toError(
  { code, message, action, evidence, shortBytes }: Failure,
  extra: ErrorFacts = {},
): DomainError {
  return new DomainError(code, extra.message ?? message, {
    // The manager that said so may be of another version.
    action: knownAction(action),
    data: {
      ...extra.data,
      evidence,
      ...(shortBytes === undefined ? {} : { shortBytes }),
    },
  });
}

function isFailureCode(code: string): code is FailureCode {
  return FAILURE_CODES.some((known) => known === code);
}

function unexpected(error: unknown): string {
  const reason = messageOf(error);
  return `Something went wrong in MLX Manager: ${reason}`;
}
