import type { EngineJob } from '@shared/domain/engine';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { formatDuration } from '../../components/format';
import { ProgressBar } from '../../components/Meter';
import { StateGlyph } from '../../components/StateGlyph';
import { useTell } from '../../queries/use-ask';
import { jobTitle, phaseGlyph } from './job-text';

interface JobProps {
  readonly job: EngineJob;
}

/** An installation under way: what it does, how far, and the way to end it. */
export function JobPanel({ job }: JobProps) {
  const cancel = useTell('engines.cancel');
  const keeps = job.kind === 'update' && 'The version in use keeps serving. ';
  return (
    <section aria-label={jobTitle(job)} className="rounded-group bg-bg-group p-4">
      <div className="flex items-center justify-between gap-3">
        <h2 className="font-semibold">{jobTitle(job)}</h2>
        <Button
          size="small"
          busy={cancel.isPending}
          onClick={() => cancel.mutate({ jobId: job.id })}
        >
          Cancel
        </Button>
      </div>
      <p className="mt-1 mb-3 text-small text-text-2">
        {keeps}The new version is used only after its self-test has passed.
      </p>
      <ProgressBar fraction={job.fraction} label={jobTitle(job)} />
      <PhaseList job={job} />
      <JobLog job={job} />
      {cancel.error && <ErrorBlock className="mt-3" sentence={errorSentence(cancel.error)} />}
    </section>
  );
}

/** The steps of a job with their time. */
export function PhaseList({ job }: JobProps) {
  return (
    <ol className="mt-3">
      {job.phases.map((phase) => (
        <li key={phase.id} className="flex min-h-[26px] items-center gap-2">
          <StateGlyph glyph={phaseGlyph(phase)} />
          <span className="shrink-0">{phase.label}</span>
          <span className="min-w-0 flex-1 truncate text-small text-text-2">{phase.detail}</span>
          <span className="text-small text-text-2 tabular-nums">
            {phase.seconds === undefined ? '' : formatDuration(phase.seconds)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The tools' own words. */
export function JobLog({ job }: JobProps) {
  if (job.log.length === 0) return null;
  return (
    <div className="mt-2">
      <Disclosure title="Log">
        <pre
          role="log"
          aria-label="Log of the installation"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-48 overflow-auto rounded-[8px] bg-bg p-3 font-mono text-[11.5px] leading-[18px] whitespace-pre-wrap"
        >
          {job.log.join('\n')}
        </pre>
      </Disclosure>
    </div>
  );
}

interface FailedJobProps extends JobProps {
  readonly onRetry: () => void;
  readonly busy: boolean;
}

/** A job that failed: the cause, the way on, and the log. */
export function FailedJob({ job, onRetry, busy }: FailedJobProps) {
  const { failure } = job;
  return (
    <section aria-label={`${jobTitle(job)} failed`}>
      <ErrorBlock
        sentence={failure?.message ?? `${jobTitle(job)} failed.`}
        detail={failure?.action}
        actions={
          <Button kind="primary" busy={busy} onClick={onRetry}>
            Try again
          </Button>
        }
      />
      <JobLog job={job} />
    </section>
  );
}
