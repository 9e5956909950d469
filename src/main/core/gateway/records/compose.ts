import { join } from 'node:path';
import type { ServerProfile } from '@shared/domain/profile';

import type { SharedParts } from '../../composition/shared-parts';
import { GatewayRecords } from './gateway-records';

/** Whoever follows this gets `gateway.requests`. */
export const GATEWAY_REQUESTS_KEY = 'gateway.requests';

export interface RecordNeeds {
  readonly profile: (id: string) => Pick<ServerProfile, 'name'> | undefined;
  /** Whether a view follows the key. */
  readonly isFollowed: (key: string) => boolean;
}

/** What is kept of the gateway's requests. */
export function composeRecords(shared: SharedParts, needs: RecordNeeds): GatewayRecords {
  const { ports, notices, publish, mode } = shared;
  return new GatewayRecords({
    path: join(ports.paths.home, 'gateway.sqlite'),
    clock: ports.clock,
    logger: ports.logger.child('gateway records'),
    notices,
    mode,
    nameOf: (id) => needs.profile(id)?.name,
    publish: (requests) => publish('gateway.requests', { requests }, GATEWAY_REQUESTS_KEY),
    isFollowed: () => needs.isFollowed(GATEWAY_REQUESTS_KEY),
  });
}
