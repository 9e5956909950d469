import type { Installation, InstallationCheck } from '@shared/domain/engine';

import type { StoredInstallation } from './install/engine-store';

interface ViewFacts {
  readonly inUse: boolean;
  readonly optionCount: number | undefined;
  /** What the last look showed; undefined before the first one. */
  readonly check: InstallationCheck | undefined;
}

/** An installation as views see it. */
export function viewOf(stored: StoredInstallation, facts: ViewFacts): Installation {
  const { inUse, optionCount, check } = facts;
  return {
    id: stored.id,
    engine: stored.engine,
    version: stored.version,
    path: stored.path,
    python: stored.python,
    pythonVersion: stored.pythonVersion,
    command: stored.command,
    sizeBytes: stored.sizeBytes,
    testedAt: stored.testedAt,
    origin: stored.origin,
    locked: stored.locked,
    packages: stored.packages,
    inUse,
    optionCount,
    isLeftover: stored.isLeftover,
    ...stateOf(stored, check),
  };
}

/** What a look showed comes before an older self-test; a failed self-test before a look that showed nothing. */
function stateOf(
  { state, problem }: Pick<StoredInstallation, 'state' | 'problem'>,
  check: InstallationCheck | undefined,
): Pick<Installation, 'state' | 'problem'> {
  if (state === 'installing') return { state, problem };
  if (check?.state === 'cannot-run') return { state: 'broken', problem: check.reason };
  if (state === 'broken') return { state, problem: problem ?? 'Its self-test failed.' };
  return check?.state === 'unknown' ? { state: 'unknown', problem: check.reason } : { state };
}
