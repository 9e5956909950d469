import type { ServerProfile } from '@shared/domain/profile';
import type { Settings } from '@shared/domain/settings';

import type { SharedParts } from '../composition/shared-parts';
import type { ModelLibrary } from '../models/model-library';
import { findPortHolder } from '../processes/port-holder';
import type { ServerService } from '../servers/server-service';
import { doorsOf } from './doors';
import { GatewayService } from './gateway-service';
import { KeyStore } from './key-store';
import { modelFactsOf } from './model-facts';
import type { GatewayRecords } from './records/gateway-records';
import { targetsOf } from './targets';

export interface GatewaySources {
  readonly settings: () => Settings;
  readonly profiles: () => {
    get(id: string): ServerProfile | undefined;
    list(): readonly ServerProfile[];
  };
  readonly models: () => ModelLibrary;
  readonly servers: () => ServerService;
  readonly records: () => GatewayRecords;
}

/** The gateway's control plane, its keys, and what has it look again. */
export interface Gateway {
  readonly service: GatewayService;
  readonly keys: KeyStore;
  /** The library changed. */
  modelsChanged(): void;
}

export function composeGateway(
  { ports, notices, publish, background, open }: SharedParts,
  { settings, profiles, models, servers, records }: GatewaySources,
): Gateway {
  const { clock, logger, processes, version } = ports;
  const facts = modelFactsOf({
    models,
    background,
    changed: () => service.changed(),
  });
  const keys = new KeyStore({
    ...{ clock, notices, background, isKnownProfile: (id) => profiles().get(id) !== undefined },
    logger: logger.child('gateway keys'),
    document: open('gateway-keys'),
    changed: () => {
      publish('gateway.changed', null);
      service.changed();
    },
  });
  const choice = () => ({
    gatewayEnabled: ports.gateway?.enabled ?? settings().gatewayEnabled,
    gatewayPort: ports.gateway?.port ?? settings().gatewayPort,
  });
  const service: GatewayService = new GatewayService({
    ...{ clock, notices, version },
    logger: logger.child('gateway'),
    settings: choice,
    targets: () =>
      targetsOf(profiles().list(), {
        server: (id) => servers().get(id),
        address: (id) => servers().addressOf(id),
        facts: (profile) => facts.of(profile.model),
        contextLength: () => undefined,
      }),
    doors: (port) => doorsOf(settings(), keys.entries(), port),
    profile: (id) => profiles().get(id),
    server: (id) => servers().get(id),
    servers: () => servers().list(),
    start: (id, how) => servers().start(id, how),
    stop: (id) => servers().stop(id),
    takeRecords: (taken) => records().take(taken),
    holderOf: async (port) => {
      const holder = await findPortHolder(processes, '127.0.0.1', port);
      return holder && `${holder.command} (pid ${holder.pid})`;
    },
    publish: (status) => publish('gateway.statusChanged', status),
  });
  return { service, keys, modelsChanged: () => facts.refresh() };
}
