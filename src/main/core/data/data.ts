import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { DataUsage } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import type { DownloadService } from '../downloads/download-service';
import type { EngineService } from '../engines/engine-service';
import type { KeyStore } from '../gateway/key-store';
import type { GatewayRecords } from '../gateway/records/gateway-records';
import type { HubService } from '../hub/hub-service';
import type { LogService } from '../logs';
import type { Ports } from '../ports';
import type { ProfileService } from '../profiles/profile-service';
import type { ServerService } from '../servers/server-service';
import type { SettingsService } from '../settings/settings-service';

export interface DataSources {
  readonly ports: Ports;
  readonly downloads: DownloadService;
  readonly engines: EngineService;
  readonly gatewayKeys: KeyStore;
  readonly gatewayRecords: GatewayRecords;
  readonly hub: HubService;
  readonly logs: LogService;
  readonly profiles: ProfileService;
  readonly servers: ServerService;
  readonly settings: SettingsService;
}

/** What the application stores, and how much. */
export async function dataUsage(sources: DataSources): Promise<DataUsage> {
  const { home } = sources.ports.paths;
  const [engines, logs, total] = await Promise.all([
    sources.engines.usage(),
    sources.logs.usage(),
    folderBytes(home),
  ]);
  const profiles = await stat(sources.ports.document('profiles').path).catch(() => undefined);
  return {
    home,
    engines,
    logs,
    profiles: { bytes: profiles?.size ?? 0, count: sources.profiles.list().length },
    total: { bytes: total },
  };
}

/**
 * Removes what was chosen and says how much that freed. Models of the Hugging Face cache and of added
 * folders are never part of it.
 * @throws DomainError in_use while servers run.
 */
export async function removeData(
  what: 'engines' | 'logs' | 'downloads' | 'all',
  sources: DataSources,
): Promise<{ freedBytes: number }> {
  const bytes = unfinishedBytes(sources.downloads);
  if (what === 'downloads') {
    await sources.downloads.cancelAll();
    return { freedBytes: bytes };
  }
  const running = sources.servers
    .list()
    .filter((server) => sources.servers.isActive(server.profileId))
    .map((server) => server.name);
  if (running.length > 0) {
    throw new DomainError('in_use', `Stop these servers first: ${running.join(', ')}.`, {
      data: { running },
    });
  }
  const { home } = sources.ports.paths;
  const before = await folderBytes(home);
  if (what !== 'engines') await sources.logs.removeAll();
  if (what !== 'logs') await sources.engines.removeAll();
  if (what === 'all') {
    await sources.downloads.cancelAll();
    await sources.downloads.clear();
    await sources.hub.clearToken();
    sources.gatewayRecords.removeAll();
    await sources.profiles.removeAll();
    await sources.gatewayKeys.removeAll();
    await sources.settings.resetAll();
    await rm(sources.ports.paths.cache, { recursive: true, force: true });
  }
  const ofDownloads = what === 'all' ? bytes : 0;
  return { freedBytes: Math.max(0, before - (await folderBytes(home))) + ofDownloads };
}

/** What has come of downloads that are not done: it lies in the Hugging Face cache. */
function unfinishedBytes(downloads: DownloadService): number {
  return downloads
    .list()
    .filter(({ state }) => state !== 'done')
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes on disk below a folder; hard links count once. */
async function folderBytes(folder: string): Promise<number> {
  const seen = new Set<number>();
  const visit = async (at: string): Promise<number> => {
    // A folder that vanishes while it is counted holds nothing any more.
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    let bytes = 0;
    for (const entry of entries) {
      const file = path.join(at, entry.name);
      if (entry.isDirectory()) bytes += await visit(file);
      else if (entry.isFile()) {
        const info = await stat(file).catch(() => undefined);
        if (!info || seen.has(info.ino)) continue;
        seen.add(info.ino);
        bytes += info.size;
      }
    }
    return bytes;
  };
  return visit(folder);
}
