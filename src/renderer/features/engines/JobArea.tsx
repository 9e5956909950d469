import { useState } from 'react';

import { Button } from '@renderer/components/Button';
import { CancelledJob, FailedJob, JobPanel } from '@renderer/domain/engines/JobPanel';
import { useIsLocal } from '@renderer/live/use-live';
import type { EngineJob } from '@shared/domain/engine';
import type { EngineJobs } from './use-engine-jobs';

interface JobAreaProps {
  /** The newest job of the engine. */
  readonly job: EngineJob | undefined;
  readonly jobs: EngineJobs;
  readonly versionInUse: string | undefined;
  /** What another engine is called. */
  readonly titleOf: (engine: string) => string;
  readonly onRegister: () => void;
}

/** What is under way with an engine, or how the last thing ended if that asks for an answer. */
export function JobArea({ job, jobs, versionInUse, titleOf, onRegister }: JobAreaProps) {
  const [hidden, setHidden] = useState<string>();
  const isLocal = useIsLocal();
  if (!job || job.id === hidden || job.state === 'done') return null;
  if (job.state === 'running') {
    return <JobPanel job={job} versionInUse={versionInUse} titleOf={titleOf} />;
  }
  if (job.state === 'cancelled') return <CancelledJob job={job} />;
  const retry = jobs.retryOf(job);
  return (
    <FailedJob
      job={job}
      actions={
        <>
          {retry && (
            <Button writes kind="primary" busy={jobs.busy} onClick={retry}>
              Try again
            </Button>
          )}
          {job.kind === 'register' && isLocal && (
            <Button kind="primary" onClick={onRegister}>
              Register another…
            </Button>
          )}
          <Button kind="plain" onClick={() => setHidden(job.id)}>
            Hide
          </Button>
        </>
      }
    />
  );
}
