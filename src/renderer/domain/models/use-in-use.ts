import { useMemo } from 'react';

import { useLive } from '@renderer/live/use-live';
import { useRpcQuery } from '@renderer/queries/use-rpc';
import type { Download } from '@shared/domain/download';
import type { Model, VerifyJob } from '@shared/domain/model';
import { isActive } from '@shared/domain/server-state';
import type { InUse } from './model-rules';

/** What is true of models beside what lies on disk. */
export interface Activity {
  /** Names of the profiles with a server that runs or is to run. */
  readonly running: ReadonlySet<string>;
  readonly downloads: readonly Download[];
  readonly jobs: readonly VerifyJob[];
}

/** The names of profiles whose servers have their model's files in use. */
export function useRunningNames(): ReadonlySet<string> {
  const names = useLive(({ profiles, servers }) =>
    profiles.flatMap(({ id, name }) => {
      const server = servers[id];
      return server && isActive(server.state) ? [name] : [];
    }),
  );
  return useMemo(() => new Set(names), [names]);
}

export function useActivity(): Activity {
  const running = useRunningNames();
  const downloads = useLive((data) => data.downloads);
  const jobs = useRpcQuery('models.jobs', {}).data;
  return useMemo(() => ({ running, downloads, jobs: jobs ?? [] }), [running, downloads, jobs]);
}

/** The download of a model's own files that has not ended well. */
export function downloadOf(model: Model, { downloads }: Activity): Download | undefined {
  if (model.hubRef === undefined) return undefined;
  return downloads.find(({ ref, state }) => ref === model.hubRef && state !== 'done');
}

export function verificationOf(model: Model, { jobs }: Activity): VerifyJob | undefined {
  return jobs.find(({ ref, state }) => ref === model.ref && state === 'running');
}

export function inUseOf(model: Model, activity: Activity): InUse {
  const download = downloadOf(model, activity);
  return {
    running: model.usedBy.filter((name) => activity.running.has(name)),
    // A paused one goes on with the files that are there.
    downloading: download !== undefined && download.state !== 'failed',
    verifying: verificationOf(model, activity) !== undefined,
  };
}
