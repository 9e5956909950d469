import { Cpu } from 'lucide-react';
import type { ReactNode } from 'react';

import { Button } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { useIsLocal, useLive } from '@renderer/live/use-live';
import { thisMachine } from '@renderer/text/machine-text';
import { formatDisk } from '@shared/format/bytes';
import type { EngineEntry } from './engine-look';
import type { EngineJobs } from './use-engine-jobs';

interface NoEngineProps {
  readonly entry: EngineEntry;
  readonly jobs: EngineJobs;
  readonly onRegister: () => void;
  /** What is known of the version that would come. */
  readonly children: ReactNode;
}

/** An engine that is not there: what an installation takes, and the one thing to do next. */
export function NoEngine({ entry, jobs, onRegister, children }: NoEngineProps) {
  const { title, about } = entry;
  const isLocal = useIsLocal();
  const here = useLive((data) => thisMachine(data.machine));
  const size = about?.diskBytes === undefined ? '' : ` (${formatDisk(about.diskBytes)})`;
  return (
    <div className="flex-1">
      <EmptyState
        icon={<Cpu size={32} strokeWidth={1.5} />}
        title={`${title} isn't installed`}
        actions={
          <>
            <Button writes kind="primary" busy={jobs.busy} onClick={jobs.install}>
              {`Install ${title}`}
            </Button>
            {isLocal && (
              <Button kind="plain" onClick={onRegister}>
                Use one I have…
              </Button>
            )}
          </>
        }
      >
        {`${title} gets its own environment${size}. Nothing else on ${here} changes.`}
      </EmptyState>
      {children}
    </div>
  );
}
