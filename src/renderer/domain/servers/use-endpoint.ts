import { useLive } from '@renderer/live/use-live';
import { type Endpoint, endpointOf } from '@shared/domain/endpoint';
import type { Server } from '@shared/domain/server';

/** How a program reaches the server now: through the gateway where it listens. */
export function useEndpoint(server: Server): Endpoint {
  return endpointOf(
    server,
    useLive((data) => data.gateway),
  );
}
