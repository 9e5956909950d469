import { FitReport } from '@shared/domain/memory';
import { DomainError } from '@shared/errors';

/** What a refused start tells of the memory that is missing; undefined where it was refused for something else. */
export function fitReport(error: unknown): FitReport | undefined {
  if (!(error instanceof DomainError) || error.code !== 'does_not_fit') return undefined;
  return FitReport.safeParse(error.data).data;
}
