import { modelRefKind } from '@shared/domain/model-ref';

import type { SharedParts } from '../composition/shared-parts';
import { adapterFor } from '../engines/adapters';
import type { ModelLibrary } from '../models/model-library';
import { MemoryParts, type MemorySources } from './memory-parts';

export interface MemoryNeeds
  extends Pick<
    MemorySources,
    | 'sampler'
    | 'settings'
    | 'profiles'
    | 'installationOf'
    | 'optionsOf'
    | 'typeNames'
    | 'onHub'
    | 'servers'
    | 'changed'
  > {
  readonly models: () => Pick<ModelLibrary, 'resolve'>;
}

/** What is needed of memory, taken and free. */
export function composeMemory(
  { ports, notices, open }: SharedParts,
  { models, ...needs }: MemoryNeeds,
): MemoryParts {
  return new MemoryParts({
    ...needs,
    ...{ adapterFor, notices },
    document: open('memory'),
    clock: ports.clock,
    logger: ports.logger.child('memory'),
    // Half of a model would be half of the sum: while it comes, the hub tells what it will need.
    folderOf: async (ref) => {
      const found = await models().resolve(ref);
      const isOfHub = modelRefKind(ref) === 'hub';
      return found && (found.model.complete || !isOfHub) ? found.path : undefined;
    },
  });
}
