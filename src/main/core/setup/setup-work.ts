import { type ServerProfile, ServerProfileCreate } from '@shared/domain/profile';
import { isActive } from '@shared/domain/server-state';
import type { SetupPlan } from '@shared/domain/setup';

import type { DownloadService } from '../downloads/download-service';
import type { EngineService } from '../engines/engine-service';
import type { ModelLibrary } from '../models/model-library';
import type { ProfileService } from '../profiles/profile-service';
import type { ServerService } from '../servers/server-service';
import type { SetupRecord } from './setup-record';

/** The services that do what a set-up needs. */
export interface SetupParts {
  readonly engines: () => Pick<EngineService, 'inUse' | 'install' | 'jobs' | 'cancel'>;
  readonly models: () => Pick<ModelLibrary, 'resolve'>;
  readonly downloads: () => Pick<DownloadService, 'list' | 'start' | 'pause'>;
  readonly profiles: () => Pick<ProfileService, 'create' | 'get' | 'list'>;
  readonly servers: () => Pick<ServerService, 'get' | 'start' | 'stop' | 'test'>;
}

/** The job that installs the engine: the one that is under way for it, or a new one. @returns its id. */
export async function installationOf(engine: string, { engines }: SetupParts): Promise<string> {
  const running = engines()
    .jobs()
    .find((job) => job.engine === engine && job.state === 'running');
  return running ? running.id : (await engines().install(engine)).id;
}

/**
 * The profile of a plan: the one that a manager made which ended at that moment, or a new one.
 * @returns its id.
 */
export async function profileOf(
  { name, model, engine, port }: SetupPlan,
  { profiles }: SetupParts,
): Promise<string> {
  const isIt = (one: ServerProfile): boolean =>
    one.name === name && one.model === model && one.engine === engine;
  const there = profiles().list().find(isIt);
  if (there) return there.id;
  const made = { name, model, engine, ...(port === undefined ? {} : { port }) };
  const { profile } = await profiles().create(ServerProfileCreate.parse(made), { local: false });
  return profile.id;
}

/** Ends what a set-up has begun: its installation, its download without losing bytes, a server on its way to ready. */
export async function endWork(
  record: SetupRecord,
  { engines, downloads, servers, profiles }: SetupParts,
): Promise<void> {
  const job = engines()
    .jobs()
    .find(({ id }) => id === record.engine.jobId);
  if (job?.state === 'running') await engines().cancel(job.id);
  const download = downloads()
    .list()
    .find(({ id }) => id === record.model.downloadId);
  if (download && !['done', 'failed'].includes(download.state)) {
    await downloads().pause(download.id);
  }
  const { profileId, doneAt } = record.server;
  if (profileId === undefined || doneAt !== undefined || !profiles().get(profileId)) return;
  if (isActive(servers().get(profileId).state)) await servers().stop(profileId);
}
