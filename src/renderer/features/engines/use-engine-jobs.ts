import { useRpcCommand } from '@renderer/queries/use-rpc';
import type { AvailableEngine, EngineJob } from '@shared/domain/engine';

export interface EngineJobs {
  readonly install: () => void;
  readonly update: () => void;
  /** Does a failed job again; undefined where it cannot be done without being told more. */
  readonly retryOf: (job: EngineJob) => (() => void) | undefined;
  readonly busy: boolean;
  /** Why the last one could not be begun. */
  readonly problem: Error | null;
}

/** The jobs of one engine that need no further question. */
export function useEngineJobs(engine: AvailableEngine['engine']): EngineJobs {
  const install = useRpcCommand('engines.install');
  const update = useRpcCommand('engines.update');
  const reinstall = useRpcCommand('engines.reinstall');
  const test = useRpcCommand('engines.test');
  const retryOf = (job: EngineJob): (() => void) | undefined => {
    const { version, installationId } = job;
    switch (job.kind) {
      case 'install':
        return () => install.mutate({ engine, ...(version ? { version } : {}) });
      case 'update':
        return () => update.mutate({ engine });
      case 'reinstall':
        return installationId === undefined
          ? undefined
          : () => reinstall.mutate({ installationId });
      case 'test':
        return installationId === undefined ? undefined : () => test.mutate({ installationId });
      case 'register':
        // The path that was tried is not part of the job.
        return undefined;
    }
  };
  return {
    install: () => install.mutate({ engine }),
    update: () => update.mutate({ engine }),
    retryOf,
    busy: [install, update, reinstall, test].some((one) => one.isPending),
    problem: install.error ?? update.error ?? reinstall.error ?? test.error,
  };
}
