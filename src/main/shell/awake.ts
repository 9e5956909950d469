import { isServing } from '@shared/domain/server-state';
import type { ServerSample } from '@shared/domain/metrics';
import type { LiveData } from '@shared/live/live-data';

/**
 * CPU of a server's tree, in percent of one core, above which it is answering somebody: clients talk to its
 * port directly, so their requests are not seen, but an engine at rest uses next to nothing and one that
 * generates keeps a core busy (all four engines, measured with the built-in model).
 */
const WORKING_PERCENT = 20;

/** On Metal the GPU may do the work with little CPU: then an open connection tells, since engines end idle ones. */
function isWorking(sample: ServerSample | undefined): boolean {
  return (sample?.cpuPercent ?? 0) >= WORKING_PERCENT || (sample?.connections ?? 0) > 0;
}

/** Why the machine must not go to sleep now; undefined when it may. Only work counts, never mere waiting. */
export function reasonToStayAwake(data: LiveData): string | undefined {
  if (!data.settings.keepAwake) return undefined;
  for (const server of Object.values(data.servers)) {
    if (server.state === 'starting' || server.state === 'loading')
      return `${server.name} is loading`;
    if (server.state === 'draining') return `${server.name} ends its last requests`;
    if (isServing(server.state) && isWorking(data.samples[server.profileId]))
      return `${server.name} is working`;
  }
  const job = Object.values(data.engineJobs).find(({ state }) => state === 'running');
  if (job) return `${job.engine} is being installed`;
  const coming = data.downloads.find(
    ({ state, waiting }) => (state === 'running' || state === 'verifying') && !waiting,
  );
  return coming ? `${coming.ref} is being downloaded` : undefined;
}
