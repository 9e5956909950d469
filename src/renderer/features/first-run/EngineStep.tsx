import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { ProgressBar } from '@renderer/components/Meter';
import { FailedJob, JobLog, PhaseList } from '@renderer/domain/engines/JobPanel';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { jobOf } from '@renderer/text/engine-job-text';
import { formatPercent } from '@shared/format/counts';
import { Step } from './Step';

/** The engine that a first server runs on. */
export const ENGINE = 'mlx-lm';

/** Installs the engine, and shows the truth of how far that is. */
export function EngineStep({ ready }: { readonly ready: boolean }) {
  const inUse = useLive((data) =>
    data.installations.find((one) => one.engine === ENGINE && one.inUse),
  );
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    ENGINE,
  );
  const install = useRpcCommand('engines.install');
  const cancel = useRpcCommand('engines.cancel');
  const running = job?.state === 'running' ? job : undefined;
  const start = (): void => install.mutate({ engine: ENGINE });
  const problem = install.error ?? cancel.error;
  return (
    <Step
      number={1}
      title="Install the engine"
      state={ready ? 'done' : 'current'}
      right={inUse && `${ENGINE} ${inUse.version}`}
    >
      <p className="text-text-2">
        {ready
          ? 'Installed and tested.'
          : `Installs ${ENGINE} in its own Python environment. Nothing else on this machine changes.`}
      </p>
      {!ready && !running && job?.state !== 'failed' && (
        <div className="mt-3">
          <Button writes kind="primary" busy={install.isPending} onClick={start}>
            Install {ENGINE}
          </Button>
        </div>
      )}
      {running && (
        <div className="mt-3">
          <div className="flex items-center gap-3">
            <div className="flex-1">
              <ProgressBar fraction={running.fraction} label="Installing the engine" />
            </div>
            <span className="tabular-nums">{formatPercent(running.fraction)}</span>
            <Button
              writes
              size="small"
              busy={cancel.isPending}
              onClick={() => cancel.mutate({ jobId: running.id })}
            >
              Cancel
            </Button>
          </div>
          <PhaseList job={running} />
          <JobLog job={running} />
        </div>
      )}
      {!ready && job?.state === 'failed' && (
        <div className="mt-3">
          <FailedJob
            job={job}
            actions={
              <Button writes kind="primary" busy={install.isPending} onClick={start}>
                Try again
              </Button>
            }
          />
        </div>
      )}
      {problem && <ErrorBlock className="mt-3" sentence={errorSentence(problem)} />}
    </Step>
  );
}
