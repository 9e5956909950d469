import { toError } from '@core/failures/convert';
import type { Download } from '@shared/domain/download';
import type { EngineJob } from '@shared/domain/engine';
import type { VerifyJob } from '@shared/domain/model';
import type { Server } from '@shared/domain/server';
import { isServing } from '@shared/domain/server-state';
import { DomainError } from '@shared/errors';
import type { Client } from '@shared/rpc/client';

/**
 * Starts servers by `start` and resolves with them when all serve. Rejects with the failure of the
 * first that fails; a `backoff` is waited through.
 */
export async function waitUntilServing(
  client: Client,
  profileIds: readonly string[],
  start: () => Promise<readonly Server[]>,
): Promise<Server[]> {
  const latest = new Map<string, Server>();
  let look: () => void = () => undefined;
  const off = client.on('servers.changed', (server) => {
    latest.set(server.profileId, server);
    look();
  });
  try {
    for (const server of await start()) latest.set(server.profileId, server);
    // What came between the start's own answer and now is contained in this list.
    for (const server of await client.call('servers.list')) latest.set(server.profileId, server);
    return await new Promise<Server[]>((resolve, reject) => {
      look = () => {
        const servers = profileIds.map((id) => latest.get(id));
        const ended = servers.find((server) => server === undefined || hasEnded(server));
        if (servers.some((server) => server === undefined)) reject(deletedError());
        else if (ended) reject(endedError(ended));
        else if (servers.every((server) => server && isServing(server.state))) {
          resolve(servers.filter((server) => server !== undefined));
        }
      };
      look();
    });
  } finally {
    off();
  }
}

/** Follows the job that `begin` starts to its end; rejects with its failure. */
export async function followJob(
  client: Client,
  begin: () => Promise<EngineJob>,
  onProgress: (job: EngineJob) => void,
): Promise<EngineJob> {
  const early: EngineJob[] = [];
  let see = (job: EngineJob): void => void early.push(job);
  const off = client.on('engineJobs.changed', (job) => see(job));
  try {
    const first = await begin();
    const last = await new Promise<EngineJob>((resolve) => {
      see = (job) => {
        if (job.id !== first.id) return;
        onProgress(job);
        if (job.state !== 'running') resolve(job);
      };
      for (const job of [first, ...early]) see(job);
    });
    if (last.state === 'done') return last;
    throw jobError(last);
  } finally {
    off();
  }
}

/** Follows a download to its end; rejects with its failure, or `cancelled` when it was taken away. */
export async function followDownload(
  client: Client,
  begin: () => Promise<Download>,
  onProgress: (download: Download) => void,
): Promise<Download> {
  let look: (all: readonly Download[]) => void = () => undefined;
  const off = client.on('downloads.changed', (all) => look(all));
  try {
    const first = await begin();
    return await new Promise<Download>((resolve, reject) => {
      look = (all) => {
        const now = all.find((one) => one.id === first.id);
        if (now?.state === 'done') resolve(now);
        else if (now?.state === 'failed') reject(downloadError(now));
        else if (now === undefined || now.state === 'paused') reject(takenAway(first, now));
        if (now) onProgress(now);
      };
      onProgress(first);
      // What came between the start's own answer and now is contained in this list.
      client.call('downloads.list').then(look, reject);
    });
  } finally {
    off();
  }
}

function downloadError({ failure, ref, id }: Download): DomainError {
  const data = { downloadId: id };
  if (failure) return toError(failure, { data });
  return new DomainError('internal', `The download of ${ref} failed.`, { data });
}

function takenAway({ ref }: Download, now: Download | undefined): DomainError {
  const how = now === undefined ? 'cancelled' : 'paused';
  return new DomainError('cancelled', `The download of ${ref} was ${how}.`);
}

function hasEnded({ state }: Server): boolean {
  return state === 'failed' || state === 'stuck' || state === 'stopped';
}

function endedError(server: Server): DomainError {
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
  return new DomainError('not_found', 'The profile was deleted while the command waited.');
}

function jobError(job: EngineJob): DomainError {
  if (job.state === 'cancelled' || job.failure === undefined) {
    return new DomainError('cancelled', job.message || 'The installation was cancelled.');
  }
  return toError(job.failure, { data: { jobId: job.id, log: job.log } });
}

/** Verifies a model and follows that to its end. @throws DomainError of what kept it from its end. */
export async function followVerify(
  client: Client,
  ref: string,
  onProgress: (job: VerifyJob) => void,
): Promise<VerifyJob> {
  let see: (job: VerifyJob) => void = () => undefined;
  const off = client.on('modelJobs.changed', (job) => see(job));
  try {
    return await new Promise<VerifyJob>((resolve, reject) => {
      see = (job) => {
        if (job.ref !== ref) return;
        onProgress(job);
        if (job.state === 'done') resolve(job);
        else if (job.state !== 'running') reject(verifyError(job));
      };
      const look = async (): Promise<void> => {
        see(await client.call('models.verify', { ref }));
        // What came between the answer and now is contained in this list.
        for (const job of await client.call('models.jobs')) see(job);
      };
      look().catch(reject);
    });
  } finally {
    off();
  }
}

function verifyError({ state, name, failure }: VerifyJob): DomainError {
  if (state === 'cancelled') return new DomainError('cancelled', `${name} is no longer verified.`);
  if (failure) return toError(failure, { message: `${name}: ${failure.message}` });
  return new DomainError('internal', `${name} could not be verified.`);
}
