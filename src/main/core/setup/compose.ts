import type { SharedParts } from '../composition/shared-parts';
import { SetupService, type SetupServiceOptions } from './setup-service';

export type SetupSources = Pick<
  SetupServiceOptions,
  'engines' | 'models' | 'downloads' | 'profiles' | 'servers'
>;

/** The set-up of a first server, of parts that are made elsewhere. */
export function composeSetup(
  { ports, notices, background, open, publish }: SharedParts,
  sources: SetupSources,
): SetupService {
  return new SetupService({
    ...sources,
    ...{ notices, background, clock: ports.clock, logger: ports.logger.child('setup') },
    document: open('setup'),
    publish: (setup) => publish('setup.changed', setup),
  });
}
