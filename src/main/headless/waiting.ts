import { toError } from '@core/failures/convert';
import type { Download } from '@shared/domain/download';
import type { EngineJob } from '@shared/domain/engine';
import type { VerifyJob } from '@shared/domain/model';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import { until } from '@shared/live/until';
import type { Client } from '@shared/rpc/client';
import { whileWanted } from '@shared/while-wanted';

/**
 * Starts servers by `start` and resolves with them when all serve. Rejects with the failure of the
 * first that fails; a `backoff` is waited through.
 */
export async function waitUntilServing(
  client: Client,
  profileIds: readonly string[],
  start: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<Server[]> {
  await whileWanted(start(), signal);
  return until(
    client,
    (data) => {
      const servers = profileIds.map((id) => {
        const server = data.servers[id];
        if (server === undefined) throw deletedError();
        if (hasEnded(server)) throw endedError(server);
        return server;
      });
      return servers.every(({ state }) => isServing(state)) ? servers : undefined;
    },
    signal,
  );
}

/** Follows the job that `begin` starts to its end; rejects with its failure. */
export async function followJob(
  client: Client,
  begin: () => Promise<EngineJob>,
  onProgress: (job: EngineJob) => void,
  signal?: AbortSignal,
): Promise<EngineJob> {
  const { id } = await whileWanted(begin(), signal);
  const tell = whenNew(onProgress);
  return until(
    client,
    ({ engineJobs }) => {
      const job = engineJobs[id];
      if (job === undefined) throw new DomainError('not_found', `There is no job "${id}".`);
      tell(job);
      if (job.state === 'running') return undefined;
      if (job.state !== 'done') throw jobError(job);
      return job;
    },
    signal,
  );
}

/** Follows a download to its end; rejects with its failure, or `cancelled` when it was taken away. */
export async function followDownload(
  client: Client,
  begin: () => Promise<Download>,
  onProgress: (download: Download) => void,
): Promise<Download> {
  const first = await begin();
  onProgress(first);
  const tell = whenNew(onProgress);
  return until(client, ({ downloads }) => {
    const now = downloads.find(({ id }) => id === first.id);
    if (now === undefined) throw takenAway(first, now);
    tell(now);
    if (now.state === 'failed') throw downloadError(now);
    if (now.state === 'paused') throw takenAway(first, now);
    return now.state === 'done' ? now : undefined;
  });
}

/** Verifies a model and follows that to its end. @throws DomainError of what kept it from its end. */
export async function followVerify(
  client: Client,
  ref: string,
  onProgress: (job: VerifyJob) => void,
): Promise<VerifyJob> {
  await client.call('models.verify', { ref });
  const tell = whenNew(onProgress);
  return until(client, ({ modelJobs }) => {
    const job = modelJobs[ref];
    if (job === undefined) throw new DomainError('not_found', `${ref} is not being verified.`);
    tell(job);
    if (job.state === 'running') return undefined;
    if (job.state !== 'done') throw verifyError(job);
    return job;
  });
}

/** Many things change while one is followed: only its own changes are told. */
function whenNew<T>(tell: (value: T) => void): (value: T) => void {
  let last: T | undefined;
  return (value) => {
    if (value === last) return;
    last = value;
    tell(value);
  };
}

function downloadError({ failure, ref, id }: Download): DomainError {
  const data = { downloadId: id };
  if (failure) return toError(failure, { data });
  return new DomainError('internal', `The download of ${ref} failed.`, { data });
}

function takenAway({ ref }: Download, now: Download | undefined): DomainError {
  const how = now === undefined ? 'canceled' : 'paused';
  return new DomainError('cancelled', `The download of ${ref} was ${how}.`);
}

function hasEnded({ state }: Server): boolean {
  return state === 'failed' || state === 'stuck' || state === 'stopped';
}

/** Why a server is not what it was to become. */
export function endedError(server: Server): DomainError {
  const { failure } = server;
  if (failure === undefined) {
    return new DomainError('cancelled', `${server.name} was stopped before it was ready.`);
  }
  return toError(failure, {
    message: `${server.name}: ${failure.message}`,
    data: { profileId: server.profileId, profile: server.name },
  });
}

function deletedError(): DomainError {
  return new DomainError('not_found', 'The profile was deleted while the command was waiting.');
}

function jobError(job: EngineJob): DomainError {
  if (job.state === 'cancelled' || job.failure === undefined) {
    return new DomainError('cancelled', job.message || 'The installation was canceled.');
  }
  return toError(job.failure, { data: { jobId: job.id, log: job.log } });
}

function verifyError({ state, name, failure }: VerifyJob): DomainError {
  if (state === 'cancelled')
    return new DomainError('cancelled', `${name} verification was canceled.`);
  if (failure) return toError(failure, { message: `${name}: ${failure.message}` });
  return new DomainError('internal', `Couldn't verify ${name}.`);
}
