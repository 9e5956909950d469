import type { ServerProfile } from '@shared/domain/profile';
import type { Settings } from '@shared/domain/settings';

import type { SharedParts } from '../composition/shared-parts';
import { adapterFor } from '../engines/adapters';
import type { ModelLibrary } from '../models/model-library';
import { findPortHolder } from '../processes/port-holder';
import type { ServerService } from '../servers/server-service';
import { contextLengthOf } from './context-length';
import { doorsOf } from './doors';
import { GatewayService } from './gateway-service';
import { KeyStore } from './key-store';
import { modelFactsOf } from './model-facts';
import { composeRecords } from './records/compose';
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
  /** Whether a view follows the key. */
  readonly isFollowed: (key: string) => boolean;
}

/** The gateway's control plane, its keys, and what has it look again. */
export interface Gateway {
  readonly service: GatewayService;
  readonly keys: KeyStore;
  readonly records: GatewayRecords;
  /** The library changed. */
  modelsChanged(): void;
}

export function composeGateway(
  shared: SharedParts,
  { settings, profiles, models, servers, isFollowed }: GatewaySources,
): Gateway {
  const { ports, notices, publish, background, open } = shared;
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
  const records = composeRecords(shared, { profile: (id) => profiles().get(id), isFollowed });
  const service: GatewayService = new GatewayService({
    ...{ clock, notices, version },
    logger: logger.child('gateway'),
    settings: choice,
    targets: () =>
      targetsOf(profiles().list(), {
        server: (id) => servers().get(id),
        address: (id) => servers().addressOf(id),
        facts: (profile) => facts.of(profile.model),
        contextLength: (profile) =>
          contextLengthOf({
            use: adapterFor(profile).memory?.(profile.options),
            shape: facts.of(profile.model),
          }),
      }),
    doors: (port) => doorsOf(settings(), keys.entries(), port),
    profile: (id) => profiles().get(id),
    server: (id) => servers().get(id),
    servers: () => servers().list(),
    start: (id, how) => servers().start(id, how),
    stop: (id) => servers().stop(id),
    takeRecords: (list) => {
      records.take(list);
      for (const { keyId, promptTokens = 0, answerTokens = 0, time } of list) {
        if (keyId !== undefined) keys.noteUse(keyId, promptTokens + answerTokens, time);
      }
    },
    metricsText: () => records.metricsText(),
    holderOf: async (port) => {
      const holder = await findPortHolder(processes, '127.0.0.1', port);
      // A whole command line can fill a screen; its beginning and the number say enough.
      return holder && `${clipped(holder.command)} (pid ${holder.pid})`;
    },
    publish: (status) => publish('gateway.statusChanged', status),
  });
  return { service, keys, records, modelsChanged: () => facts.refresh() };
}

/** Characters of a command that a sentence holds. */
const COMMAND = 80;

function clipped(command: string): string {
  return command.length > COMMAND ? `${command.slice(0, COMMAND)}…` : command;
}
