import type { GatewayStatus } from './gateway-status';
import type { Server } from './server';

/** How a program reaches a profile. */
export interface Endpoint {
  /** Of the OpenAI API, with `/v1` at its end. */
  readonly address: string;
  /** What a request puts into `model`. */
  readonly model: string;
}

/** Through the gateway, under the profile's name, where it listens; else straight to the server. */
export function endpointOf(server: Server, gateway: GatewayStatus): Endpoint {
  return gateway.url === null
    ? ownEndpoint(server)
    : { address: `${gateway.url}/v1`, model: server.name };
}

/** Straight to the server: nothing is started, queued or recorded. */
export function ownEndpoint({ url, requestModel }: Server): Endpoint {
  return { address: `${url.replace(/\/v1\/?$/, '')}/v1`, model: requestModel };
}
