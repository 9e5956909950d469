import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { hasProcess, isActive, isServing } from '@shared/domain/server-state';
import { launchFingerprint } from './launch/launch';
import type { PlanSources } from './launch/plan';
import { findInstallation } from './launch/run-plan';
import type { Incident, Supervised } from './supervision/messages';
import { shownFailure } from './supervision/server-loop';
import type { ServerRun } from './supervision/server-run';

/** A server as views see it; metrics are added by the service. */
export function describeServer(
  profile: ServerProfile,
  sources: PlanSources,
  server: Supervised,
  run: ServerRun | undefined,
): Server {
  const { state, retryAt, readyAfterMs, incident } = server;
  const installation = findInstallation(profile, sources)?.id ?? null;
  const adapter = sources.adapterFor(profile);
  const port = run?.record.port ?? profile.port;
  const failure = shownFailure(server);
  // On the way to ready after a failure, or waiting for that.
  const isTrying = server.past.length > 0 && isActive(state) && !isServing(state);
  return {
    profileId: profile.id,
    name: profile.name,
    state,
    since: iso(server.since),
    engine: profile.engine,
    installation: run?.record.installation ?? installation,
    model: profile.model,
    requestModel: adapter.requestModel(run?.record.modelPath ?? profile.model),
    port,
    url: `http://${urlHost(profile.host)}:${port}/v1`,
    ...(run &&
      hasProcess(state) && { pid: run.process.identity.pid, uptimeSeconds: run.ageMs / 1000 }),
    ...(readyAfterMs !== undefined && isServing(state) && { readySeconds: readyAfterMs / 1000 }),
    restarts: server.restarts,
    ...(isTrying && { attempt: server.past.length + 1 }),
    ...(state === 'backoff' && retryAt !== undefined && { retryAt: iso(retryAt) }),
    ...(failure && { failure }),
    ...(incident && { incident: describeIncident(incident) }),
    ...(server.concern !== undefined && { concern: server.concern }),
    ...describeProgress(server, run),
    ...(run?.adopted && { adopted: true }),
    ...(run?.modelMissing && { modelMissing: true }),
    ...(run && server.safeMode && { safeMode: true }),
    restartNeeded:
      run !== undefined &&
      hasProcess(state) &&
      run.record.fingerprint !== launchFingerprint(profile, installation),
  };
}

function describeIncident({ at, failure, times, run }: Incident): Server['incident'] {
  return { at: iso(at), failure, times, ...(run === undefined ? {} : { run }) };
}

const iso = (unixMs: number): string => new Date(unixMs).toISOString();

function describeProgress(
  { state, phase }: Supervised,
  run: ServerRun | undefined,
): Pick<Server, 'progress'> {
  if (!run || phase === undefined || (state !== 'starting' && state !== 'loading')) return {};
  const lastLine = run.log.lastLine();
  return {
    progress: {
      phase,
      seconds: run.ageMs / 1000,
      ...(lastLine !== undefined && { lastLine }),
    },
  };
}

/** Where a program on this machine reaches what listens on `host`. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::1' ? '[::1]' : host;
}
