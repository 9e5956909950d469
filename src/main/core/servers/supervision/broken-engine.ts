import type { FailureCode } from '@shared/errors';
import { engineCannotRun } from '../../failures/plan-failures';
import type { RunEnd } from '../health/run-end';
import type { OwnershipRecord } from '../launch/ownership';
import type { PlanSources } from '../launch/plan';

/** What an engine shows that lacks a part of itself, in words of every kind. */
const SUSPECT: readonly FailureCode[] = [
  ...(['exited', 'not_answering', 'permission'] as const),
  ...(['engine_broken', 'engine_missing'] as const),
];

/**
 * The end of a run that never was ready, or the better reason: that its installation cannot run. What its log
 * showed stays as evidence.
 */
export async function orBrokenEngine(
  end: RunEnd,
  { installation: id }: Pick<OwnershipRecord, 'installation'>,
  sources: Pick<PlanSources, 'lookAtInstallation'>,
): Promise<RunEnd> {
  if (end.wasReady || id === null || !SUSPECT.includes(end.failure.code)) return end;
  const installation = await sources.lookAtInstallation(id, 'files');
  if (installation?.state !== 'broken') return end;
  // What is missing does not come by trying again.
  return { ...end, final: true, failure: engineCannotRun(installation, end.failure.evidence) };
}
