import type { Settings } from '@shared/domain/settings';
import type { Doors, KeyEntry } from '@shared/gateway/target';

type DoorSettings = Pick<
  Settings,
  'gatewayRequireKey' | 'gatewayAllowedOrigins' | 'gatewayAllowedHosts'
>;

/** Who may come in, for the data plane. `port`: where the gateway listens. */
export function doorsOf(settings: DoorSettings, keys: readonly KeyEntry[], port: number): Doors {
  return {
    hosts: settings.gatewayAllowedHosts.flatMap((host) => hostHeaders(host, port)),
    origins: settings.gatewayAllowedOrigins,
    requireKey: settings.gatewayRequireKey,
    keys,
  };
}

/**
 * What a client sends as Host for an allowed name: with the gateway's port, or without one where a proxy in front of
 * it listens on the usual port. A name that was given with a port is meant as it stands.
 */
function hostHeaders(host: string, port: number): string[] {
  return /:\d+$/.test(host) ? [host] : [host, `${host}:${port}`];
}
