import type { ServerProfile } from '@shared/domain/profile';
import type { Server, ServerFailure } from '@shared/domain/server';
import { hasProcess, isActive, isServing, type ServerState } from '@shared/domain/server-state';
import { launchFingerprint } from './launch/launch';
import type { OwnershipRecord } from './launch/ownership';
import { findInstallation } from './launch/run-plan';
import type { PlanSources } from './launch/plan';

/** What a runner knows at one moment. Times: `at` and `since` by the wall clock in ms. */
export interface RunnerFacts {
  readonly at: number;
  readonly state: ServerState;
  readonly since: number;
  readonly restarts: number;
  /** Failures since it last ran for long. */
  readonly pastFailures: number;
  readonly retryAt: number | undefined;
  readonly failure: ServerFailure | undefined;
  readonly readyAfterMs: number | undefined;
  /** Of the process under watch. */
  readonly running:
    | {
        readonly pid: number;
        readonly record: OwnershipRecord;
        readonly startedAt: number | undefined;
        readonly lastLine: string | undefined;
        readonly adopted: boolean;
        readonly modelMissing: boolean;
        readonly safeMode: boolean;
      }
    | undefined;
  /** While it starts or loads; `ms` since it began. */
  readonly progress: { readonly phase: string; readonly ms: number } | undefined;
}

/** A server as views see it; metrics are added by the service. */
export function describeServer(
  profile: ServerProfile,
  sources: PlanSources,
  facts: RunnerFacts,
): Server {
  const { state, running } = facts;
  const installation = findInstallation(profile, sources)?.id ?? null;
  const adapter = sources.adapterFor(profile);
  const port = running?.record.port ?? profile.port;
  const shownFailure = ['failed', 'backoff', 'stuck'].includes(state) ? facts.failure : undefined;
  // On the way to ready after a failure, or waiting for that.
  const isTrying = facts.pastFailures > 0 && isActive(state) && !isServing(state);
  return {
    profileId: profile.id,
    name: profile.name,
    state,
    since: new Date(facts.since).toISOString(),
    engine: profile.engine,
    installation: running?.record.installation ?? installation,
    model: profile.model,
    requestModel: adapter.requestModel(running?.record.modelPath ?? profile.model),
    port,
    url: `http://${urlHost(profile.host)}:${port}/v1`,
    ...(running && { pid: running.pid }),
    ...(running?.startedAt !== undefined && {
      uptimeSeconds: (facts.at - running.startedAt) / 1000,
    }),
    ...(facts.readyAfterMs !== undefined &&
      isServing(state) && { readySeconds: facts.readyAfterMs / 1000 }),
    restarts: facts.restarts,
    ...(isTrying && { attempt: facts.pastFailures + 1 }),
    ...(state === 'backoff' &&
      facts.retryAt !== undefined && { retryAt: new Date(facts.retryAt).toISOString() }),
    ...(shownFailure && { failure: shownFailure }),
    ...describeProgress(facts),
    ...(running?.adopted && { adopted: true }),
    ...(running?.modelMissing && { modelMissing: true }),
    ...(running?.safeMode && { safeMode: true }),
    restartNeeded:
      running !== undefined &&
      hasProcess(state) &&
      running.record.fingerprint !== launchFingerprint(profile, installation),
  };
}

function describeProgress({ state, progress, running }: RunnerFacts): Pick<Server, 'progress'> {
  if (!progress || (state !== 'starting' && state !== 'loading')) return {};
  const lastLine = running?.lastLine;
  return {
    progress: {
      phase: progress.phase,
      seconds: progress.ms / 1000,
      ...(lastLine !== undefined && { lastLine }),
    },
  };
}

/** Where a program on this machine reaches what listens on `host`. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::1' ? '[::1]' : host;
}
