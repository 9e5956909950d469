import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Settings } from '@shared/domain/settings';
import type { SharedParts } from './composition/shared-parts';
import type { DownloadService } from './downloads/download-service';
import type { EngineService } from './engines/engine-service';
import type { GatewayService } from './gateway/gateway-service';
import type { KeyStore } from './gateway/key-store';
import type { GatewayRecords } from './gateway/records/gateway-records';
import type { Hub } from './hub/compose';
import type { Phase } from './lifecycle';
import type { LogService } from './logs';
import type { MemoryParts } from './memory/memory-parts';
import type { MetricsSampler } from './metrics';
import type { ModelLibrary } from './models/model-library';
import type { Ports } from './ports';
import type { Background } from './ports/background';
import type { Deadline } from './ports/deadline';
import type { ProfileService } from './profiles/profile-service';
import type { SecretBook } from './profiles/secret-book';
import type { EventHub } from './rpc/event-hub';
import type { Servers } from './servers/compose';
import type { SetupService } from './setup/setup-service';
import type { SettingsService } from './settings/settings-service';
import { sweepDrafts } from './storage/durable-file';
import type { OpenDocuments } from './storage/open-documents';

/** Parts of the data folder are for this user only. */
const PRIVATE = 0o700;

/** What has a beginning or an end. */
export interface PhaseParts {
  readonly shared: SharedParts;
  readonly documents: OpenDocuments;
  readonly settings: SettingsService;
  readonly profiles: ProfileService;
  readonly secrets: SecretBook;
  readonly memory: MemoryParts;
  readonly logs: LogService;
  readonly gatewayRecords: GatewayRecords;
  readonly engines: EngineService;
  readonly models: ModelLibrary;
  readonly hub: Hub;
  readonly downloads: DownloadService;
  readonly gatewayKeys: KeyStore;
  readonly sampler: MetricsSampler;
  readonly servers: Servers;
  readonly setup: SetupService;
  readonly gateway: GatewayService;
  readonly events: EventHub;
  /** What becomes of servers at this quit, where somebody said so. */
  readonly quitServers: () => 'stop' | 'leave-running' | undefined;
}

/** The parts in the order in which they start; they stop in the reverse one. */
export function corePhases(parts: PhaseParts): Phase[] {
  const { shared, documents, settings, profiles, memory, logs, engines, models } = parts;
  const { hub, downloads, sampler, events } = parts;
  const { ports, background, mode } = shared;
  const supervises = (): boolean => mode() === 'supervise';
  return [
    { name: 'documents', stop: () => documents.settled() },
    { name: 'background work', stop: (deadline) => endBackground(background, deadline) },
    {
      name: 'folders',
      start: async () => {
        if (mode() === 'read') return;
        await makeFolders(ports);
        background.run('sweep what killed managers left', () => sweepHome(ports));
      },
    },
    { name: 'settings', start: () => settings.load() },
    {
      name: 'warnings of the host',
      start: () => {
        for (const warning of ports.warnings ?? []) shared.notices.add('warning', warning);
      },
    },
    {
      name: 'profiles',
      start: async () => {
        await profiles.load();
        parts.secrets.learn(profiles.list());
      },
    },
    {
      name: 'gateway keys',
      start: () => parts.gatewayKeys.load(),
      stop: () => parts.gatewayKeys.stop(),
    },
    { name: 'records of the setup', start: () => parts.setup.load() },
    {
      name: 'memory',
      start: async () => {
        await memory.load();
        if (!supervises()) await sampler.look();
      },
      stop: () => memory.stop(),
    },
    { name: 'logs', stop: () => logs.close() },
    { name: "the gateway's records", stop: () => parts.gatewayRecords.close() },
    { name: 'engines', start: () => engines.load(), stop: (deadline) => engines.stop(deadline) },
    {
      name: 'models',
      start: async () => {
        await models.load();
        if (supervises()) await models.start();
      },
      // A deleted model that is not gone by then goes at the next start.
      stop: () => models.stop(),
    },
    {
      name: 'downloads',
      start: async () => {
        await downloads.load();
        if (!supervises()) return;
        await downloads.removeAbandoned();
        downloads.resumeAll();
      },
      stop: async () => {
        await downloads.stop();
        await hub.network.close();
      },
    },
    // They read through the hashes of the downloads, which go before the models.
    { name: 'model reading', stop: () => models.stopReading() },
    {
      name: 'metrics',
      start: () => (supervises() ? sampler.start() : undefined),
      stop: () => sampler.stop(),
    },
    serverPhase(parts, supervises),
    {
      name: 'gateway',
      start: () => (supervises() ? parts.gateway.start() : undefined),
      // Before the servers: their answers under way get a moment to end.
      stop: () => parts.gateway.stop(GATEWAY_MS),
    },
    { name: 'setup', stop: () => parts.setup.stop() },
    { name: 'views', stop: () => events.close() },
  ];
}

function serverPhase(
  { shared, settings, profiles, memory, servers, setup, quitServers }: PhaseParts,
  supervises: () => boolean,
): Phase {
  const { ports, background, notices } = shared;
  const { service, startup } = servers;
  return {
    name: 'servers',
    start: async () => {
      if (!supervises()) return;
      memory.profilesChanged();
      const crashed = await service.adoptAll();
      background.run('measure adopted servers', () => memory.adopted(service.list()));
      const ran = crashed.map((id) => profiles.get(id)?.name ?? id);
      await setup.resume({ wentDown: ran.length > 0 });
      if (ran.length > 0 && !ports.desktop) notices.add('warning', wentDownSentence(ran));
      if (!settings.get().startProfiles) return;
      startup.begin({
        wanted: profiles.list().filter((profile) => profile.start === 'app'),
        // Without a desktop nobody can be asked, and after a power cut the servers are expected back.
        ranAtCrash: ports.desktop ? ran : [],
      });
    },
    stopLimitMs: SERVERS_MS,
    stop: async (deadline) => {
      startup.end();
      if (!supervises()) return;
      await service.quit(quitServers() ?? unasked(settings.get()), deadline);
      await startup.settled(deadline);
    },
  };
}

function wentDownSentence(ran: readonly string[]): string {
  return `This machine shut down unexpectedly while ${ran.join(', ')} was running. Profiles that start with MLX Manager were started again. If one of them caused the shutdown, change its start setting.`;
}

/** What becomes of servers when nobody was asked: they are stopped. */
function unasked({ onQuit }: Settings): 'stop' | 'leave-running' {
  return onQuit === 'leave-running' ? 'leave-running' : 'stop';
}

async function endBackground(background: Background, deadline: Deadline): Promise<void> {
  const left = await background.stop(deadline);
  if (left.length > 0) throw new Error(`Still under way: ${left.join(', ')}`);
}

/** Of a quit's budget: a grace of 8 s for the servers, SIGKILL, and the look that proves it, ms. */
const SERVERS_MS = 10_500;

/** What answers under way get in a quit, ms. */
const GATEWAY_MS = 1500;

/** The folders in which documents, records, reports and jobs are written. */
async function sweepHome({ paths }: Ports): Promise<void> {
  for (const folder of new Set([paths.home, paths.documents, paths.run, paths.cache])) {
    await sweepDrafts(folder);
  }
  for (const folder of [paths.logs, path.join(paths.home, 'downloads')]) {
    await sweepDrafts(folder, 1);
  }
}

async function makeFolders({ paths }: Ports): Promise<void> {
  const folders = [
    paths.home,
    paths.documents,
    paths.engines,
    paths.logs,
    paths.models,
    paths.run,
    paths.cache,
  ];
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: PRIVATE });
}
