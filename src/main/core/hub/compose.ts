import type { SharedParts } from '../composition/shared-parts';
import { trustAuthorities } from './authorities';
import { hubEndpoint } from './endpoint';
import { HubClient } from './hub-client';
import { HubNetwork } from './hub-network';
import { HubService, type HubServiceOptions } from './hub-service';
import { HubToken } from './hub-token';

export type HubSources = Pick<HubServiceOptions, 'onDisk' | 'estimate' | 'enginesFor'>;

/** The way to Hugging Face, and what is known through it. */
export interface Hub {
  readonly network: HubNetwork;
  readonly client: HubClient;
  readonly service: HubService;
}

export function composeHub({ ports, publish }: SharedParts, sources: HubSources): Hub {
  const { clock, env, logger, vault, version } = ports;
  const token = new HubToken(vault, env, (secret) => logger.addSecret?.(secret));
  const network = new HubNetwork({
    env,
    clock,
    version,
    endpoint: () => hubEndpoint(env),
    token: () => token.get(),
    trust: () => {
      for (const problem of trustAuthorities(env)) logger.child('hub').warn(problem);
    },
    unreadToken: () => token.unread(),
  });
  const client = new HubClient(network);
  const service = new HubService({
    ...sources,
    network,
    client,
    token,
    clock,
    logger: logger.child('hub'),
    publishAccount: () => publish('hub.accountChanged', null),
  });
  return { network, client, service };
}
