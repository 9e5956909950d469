import type { EngineOption, Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';

import type { SharedParts } from '../composition/shared-parts';
import { adapterFor } from '../engines/adapters';
import { withCommonNames } from '../engines/adapters/option-key';
import { checkExtraArgs, checkOptions } from '../engines/options/option-checks';
import { checkPort } from '../processes/port-holder';
import { ProfileService } from './profile-service';
import { publicProfile } from './public-profile';

export interface ProfileSources {
  readonly engines: () => {
    get(id: string): Installation | undefined;
    options(id: string): Promise<readonly EngineOption[]>;
  };
  /** The installation that a profile runs with. */
  readonly installationOf: (
    profile: Pick<ServerProfile, 'engine' | 'installation'>,
  ) => Installation | undefined;
  readonly isKnownModel: (ref: string) => Promise<boolean>;
  readonly servers: () => { isActive(id: string): boolean; stop(id: string): Promise<unknown> };
  /** A profile came, went or changed. */
  readonly changed: () => void;
}

/** Profiles, checked against the engines that are installed and the models that are there. */
export function composeProfiles(
  { ports, notices, open, publish }: SharedParts,
  { engines, installationOf, isKnownModel, servers, changed }: ProfileSources,
): ProfileService {
  const { clock, logger, processes } = ports;
  return new ProfileService({
    ...{ clock, notices, isKnownModel },
    document: open('profiles'),
    logger: logger.child('profiles'),
    nameOptions: (profile) => withCommonNames(profile.options, adapterFor(profile)),
    checkOptions: async (profile, scope) => {
      const adapter = adapterFor(profile);
      const installation = installationOf(profile);
      const known = installation ? await engines().options(installation.id) : undefined;
      return [
        ...checkOptions(profile.options, known, adapter, scope),
        ...checkExtraArgs(profile.extraArgs, adapter),
      ];
    },
    isKnownInstallation: (id, engine) => engines().get(id)?.engine === engine,
    checkPort: (host, port) => checkPort(processes, host, port),
    isActive: (id) => servers().isActive(id),
    stop: async (id) => {
      await servers().stop(id);
    },
    publish: (list) => {
      publish('profiles.changed', list.map(publicProfile));
      changed();
    },
  });
}
