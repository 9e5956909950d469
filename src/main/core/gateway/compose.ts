import type { SharedParts } from '../composition/shared-parts';
import { KeyStore } from './key-store';

export interface GatewayKeySources {
  readonly isKnownProfile: (profileId: string) => boolean;
  /** Who may come in has changed. */
  readonly changed: () => void;
}

/** The keys of the gateway. */
export function composeGatewayKeys(
  { ports, notices, background, open, publish }: SharedParts,
  { isKnownProfile, changed }: GatewayKeySources,
): KeyStore {
  return new KeyStore({
    ...{ notices, background, isKnownProfile },
    ...{ clock: ports.clock, logger: ports.logger.child('gateway keys') },
    document: open('gateway-keys'),
    changed: () => {
      publish('gateway.changed', null);
      changed();
    },
  });
}
