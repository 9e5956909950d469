import path from 'node:path';

import type { Settings } from '@shared/domain/settings';

import type { SharedParts } from '../composition/shared-parts';
import type { Hub } from '../hub/compose';
import { hubCacheFolder } from '../models/hub-cache';
import { readBootId } from '../processes/boot-id';
import { DownloadService } from './download-service';

/** Downloads into the Hugging Face cache. */
export function composeDownloads(
  { ports, notices, open, publish }: SharedParts,
  { network, client, service }: Hub,
  settings: () => Settings,
): DownloadService {
  const { clock, env, logger, paths } = ports;
  return new DownloadService({
    ...{ network, client, clock, notices, settings },
    document: open('downloads'),
    folder: path.join(paths.home, 'downloads'),
    hub: hubCacheFolder(env),
    logger: logger.child('downloads'),
    bootId: readBootId,
    check: (ref, revision) => service.checkUsable(ref, revision),
    publish: (list) => publish('downloads.changed', list),
  });
}
