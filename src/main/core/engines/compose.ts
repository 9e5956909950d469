import type { ServerProfile } from '@shared/domain/profile';

import type { SharedParts } from '../composition/shared-parts';
import { adapters } from './adapters';
import type { EngineServiceOptions } from './engine-parts';
import { EngineService } from './engine-service';

export interface EngineSources extends Pick<EngineServiceOptions, 'selfTest'> {
  readonly profiles: () => readonly ServerProfile[];
  /** Names of the profiles whose running process uses the installation. */
  readonly usersOf: (installationId: string) => readonly string[];
  /** An installation came, went or changed. */
  readonly changed: () => void;
}

/** Engines with what they ask of profiles and servers. */
export function composeEngines(
  { ports, notices, open, publish, mode }: SharedParts,
  { selfTest, profiles, usersOf, changed }: EngineSources,
): EngineService {
  return new EngineService({
    ...{ ports, adapters, notices, selfTest, profiles },
    document: open('engines'),
    mayWrite: () => mode() !== 'read',
    publishInstallations: (list) => {
      publish('installations.changed', list);
      changed();
    },
    publishNewest: () => publish('engines.newestChanged', null),
    publishJob: (job) => publish('engineJobs.changed', job, job.id),
    usedBy: (installationId) => ({
      running: usersOf(installationId),
      pinned: profiles()
        .filter((profile) => profile.installation === installationId)
        .map(({ name }) => name),
    }),
  });
}
