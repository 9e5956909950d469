import type { ReactNode } from 'react';

import { Button } from '@renderer/components/Button';
import { classNames } from '@renderer/components/class-names';
import { Disclosure } from '@renderer/components/Disclosure';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { ProgressBar } from '@renderer/components/Meter';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { useNow } from '@renderer/components/use-now';
import { effectOf } from '@renderer/domain/actions/action-effect';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate } from '@renderer/routing/route';
import {
  jobPromise,
  jobTitle,
  packageProgress,
  phaseGlyph,
  queuedSentence,
} from '@renderer/text/engine-job-text';
import type { EngineJob, EngineJobPhase } from '@shared/domain/engine';
import { amountText, leftText, packagesText } from '@shared/domain/package-progress';
import { formatPercent } from '@shared/format/counts';
import { formatDay } from '@shared/format/dates';
import { formatDuration, formatShortDuration } from '@shared/format/durations';

interface JobProps {
  readonly job: EngineJob;
}

interface JobPanelProps extends JobProps {
  /** The version that serves meanwhile. */
  readonly versionInUse: string | undefined;
  /** What another engine is called. */
  readonly titleOf: (engine: string) => string;
}

/** A job under way: what it does, how far, how long, and the way to end it. */
export function JobPanel({ job, versionInUse, titleOf }: JobPanelProps) {
  const cancel = useRpcCommand('engines.cancel');
  const queuedText = job.queuedAfter && queuedSentence(titleOf(job.queuedAfter));
  return (
    <section aria-label={jobTitle(job)} className="rounded-group bg-bg-group p-4">
      <div className="flex items-center justify-between gap-3">
        <h3 className="min-w-0 flex-1 truncate text-toolbar font-semibold">{jobTitle(job)}</h3>
        <JobTime job={job} />
        <Button
          writes
          size="small"
          busy={cancel.isPending}
          onClick={() => cancel.mutate({ jobId: job.id })}
        >
          Cancel
        </Button>
      </div>
      <p className="mt-1 mb-3 text-small text-text-2">
        {job.queuedAfter === undefined ? jobPromise(job, versionInUse) : queuedText}
      </p>
      <div className="flex items-center gap-3">
        <ProgressBar fraction={job.fraction} label={jobTitle(job)} height={6} />
        <span className="shrink-0 font-medium">{formatPercent(job.fraction)}</span>
      </div>
      <PhaseList job={job} />
      <JobLog job={job} />
      {cancel.error && <ErrorBlock className="mt-3" sentence={errorSentence(cancel.error)} />}
    </section>
  );
}

/** How long the packages of a job still take where that is known; else how long it has been under way. */
export function JobTime({ job }: JobProps) {
  const now = useNow(job.state === 'running');
  const progress = packageProgress(job);
  const seconds = (now - new Date(job.startedAt).getTime()) / 1000;
  const left = progress && leftText(progress);
  return (
    <span className="shrink-0 text-small text-text-2">
      {left ? left : `for ${formatDuration(seconds)}`}
    </span>
  );
}

/** The steps of a job with their time. */
export function PhaseList({ job }: JobProps) {
  return (
    <ol className="mt-3">
      {job.phases.map((phase) => (
        <li
          key={phase.id}
          className={classNames(
            'flex min-h-[26px] items-center gap-2',
            phase.state === 'waiting' && 'text-text-2',
          )}
        >
          <StateGlyph glyph={phaseGlyph(phase)} />
          <span
            title={phaseLabel(phase)}
            className={classNames('truncate', phase.state === 'running' && 'font-medium')}
          >
            {phaseLabel(phase)}
          </span>
          <span className="min-w-0 flex-1 truncate text-small text-text-2" title={phase.detail}>
            {phase.detail}
          </span>
          <span className="shrink-0 text-small text-text-2">{phaseFigure(phase)}</span>
        </li>
      ))}
    </ol>
  );
}

/** `Installing packages, 14 of 38`. */
function phaseLabel({ label, progress }: EngineJobPhase): string {
  return progress ? `${label}, ${packagesText(progress)}` : label;
}

/** What stands at the end of a phase: how much of it is there, or how long it took. */
function phaseFigure({ progress, seconds }: EngineJobPhase): string {
  if (progress) return amountText(progress);
  return seconds === undefined ? '' : formatShortDuration(seconds);
}

/** The tools' own words; their newest line stands beside the closed log. */
export function JobLog({ job }: JobProps) {
  const last = job.log.at(-1);
  if (last === undefined) return null;
  return (
    <div className="mt-1">
      <Disclosure
        title="Log"
        summary={
          <span className="line-clamp-1 pl-6 text-right font-mono text-log wrap-anywhere">
            {last}
          </span>
        }
      >
        <pre
          role="log"
          aria-label="Log of the installation"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="selectable max-h-48 overflow-auto rounded-segment bg-bg p-3 font-mono text-log whitespace-pre-wrap wrap-anywhere"
        >
          {job.log.join('\n')}
        </pre>
      </Disclosure>
    </div>
  );
}

interface FailedJobProps extends JobProps {
  /** The way on: a new try, or where another path is given. */
  readonly actions: ReactNode;
}

/** A job that failed: the cause, the way on, where it ended, and the log. What only a person can do is said. */
export function FailedJob({ job, actions }: FailedJobProps) {
  const { failure } = job;
  const { action } = failure ?? {};
  const effect = action && effectOf(action);
  const phase = job.phases.find(({ state }) => state === 'failed');
  const where = phase && `Stopped at “${phase.label}”. `;
  return (
    <section aria-label={`${jobTitle(job)} failed`}>
      <ErrorBlock
        sentence={failure?.message ?? `${jobTitle(job)} failed.`}
        detail={
          <>
            {where}
            {effect?.kind === 'none' && `${action?.label}.`}
          </>
        }
        actions={
          <>
            {effect?.kind === 'go' && (
              <Button onClick={() => navigate(effect.href)}>{action?.label}</Button>
            )}
            {actions}
          </>
        }
      />
      <JobLog job={job} />
    </section>
  );
}

/** A job that a person cancelled: one quiet line. */
export function CancelledJob({ job }: JobProps) {
  return (
    <p role="status" className="text-small text-text-2">
      {`${jobTitle(job)}: ${job.message} ${job.endedAt ? formatDay(job.endedAt) : ''}`}
    </p>
  );
}
