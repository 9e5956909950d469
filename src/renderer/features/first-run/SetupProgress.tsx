import { type ReactNode, useEffect, useRef } from 'react';

import { Button } from '@renderer/components/Button';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { isDesktop } from '@renderer/components/platform';
import { ProgressRow } from '@renderer/components/ProgressRow';
import type { Glyph } from '@renderer/components/StateGlyph';
import { useNow } from '@renderer/components/use-now';
import { effectOf } from '@renderer/domain/actions/action-effect';
import { DownloadButtons } from '@renderer/domain/downloads/DownloadButtons';
import { DownloadNumbers } from '@renderer/domain/downloads/DownloadNumbers';
import { useDownloadActions } from '@renderer/domain/downloads/use-download-actions';
import { useLive } from '@renderer/live/use-live';
import { useRpcCommand } from '@renderer/queries/use-rpc';
import { navigate, routeHref } from '@renderer/routing/route';
import { downloadParts, downloadTone, queuePlace } from '@renderer/text/download-text';
import { jobFact, packageProgress, queuedSentence } from '@renderer/text/engine-job-text';
import { loadSeconds } from '@renderer/text/server-text';
import type { Download } from '@shared/domain/download';
import type { Failure } from '@shared/domain/failure';
import type { Setup, SetupStep } from '@shared/domain/setup';
import { leftText } from '@shared/domain/package-progress';
import { isServing } from '@shared/domain/server-state';
import { formatDisk } from '@shared/format/bytes';
import { formatPercent } from '@shared/format/counts';
import { formatShortDuration } from '@shared/format/durations';

interface SetupProps {
  readonly setup: Setup;
}

/** A set-up under way or failed: a row for each step, in the place where it was proposed. */
export function SetupProgress({ setup }: SetupProps) {
  const cancel = useRpcCommand('setup.cancel');
  const retry = useRpcCommand('setup.retry');
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone; a reader goes on at the heading.
  useEffect(() => heading.current?.focus(), []);
  const problem = cancel.error ?? retry.error;
  const hasFailed = [setup.engine, setup.model, setup.server].some(
    ({ state }) => state === 'failed',
  );
  return (
    <div className="mx-auto max-w-[640px] px-5 pt-4 pb-16 min-[1000px]:pt-14">
      <h2 ref={heading} tabIndex={-1} className="text-[26px] leading-8 font-semibold outline-none">
        {setup.state === 'failed' ? 'Setup has stopped' : `Setting up ${setup.plan.name}`}
      </h2>
      <p className="mt-1 text-text-2" role="status">
        {setup.state === 'failed'
          ? 'What is done stays done. Fix the cause and try again.'
          : `You can close the ${isDesktop() ? 'window' : 'page'}; setup keeps going.`}
      </p>
      <div className="mt-6 rounded-group bg-bg-group px-4 py-1 [&>*+*]:border-t [&>*+*]:border-sep">
        <EngineProgress setup={setup} />
        <ModelProgress setup={setup} />
        <ServerProgress setup={setup} />
      </div>
      {problem && <ErrorBlock className="mt-4" sentence={errorSentence(problem)} />}
      <div className="mt-6 flex gap-2">
        {hasFailed && (
          <Button
            writes
            kind="primary"
            size="large"
            busy={retry.isPending}
            onClick={() => retry.mutate(undefined)}
          >
            Try again
          </Button>
        )}
        <Button
          writes
          size="large"
          busy={cancel.isPending}
          onClick={() => cancel.mutate(undefined)}
        >
          Cancel setup
        </Button>
      </div>
    </div>
  );
}

interface RowProps {
  readonly step: SetupStep;
  /** `Installing mlx-lm 0.32.2`. */
  readonly phase: string;
  /** What was done, once it is. */
  readonly done: string;
  readonly waits?: string;
  readonly right?: ReactNode;
  readonly fraction?: number | undefined;
  readonly line?: ReactNode;
  readonly profileId?: string | undefined;
  /** Where more is told of a failure. */
  readonly more?: ReactNode;
}

const GLYPHS: Readonly<Record<SetupStep['state'], Glyph>> = {
  waiting: 'stopped',
  running: 'loading',
  done: 'ok',
  failed: 'failed',
};

function Row(props: RowProps) {
  const { step, phase, done, waits, right, fraction, line, profileId, more } = props;
  const isRunning = step.state === 'running';
  return (
    <div className="py-2">
      <ProgressRow
        glyph={GLYPHS[step.state]}
        phase={step.state === 'done' ? done : phase}
        right={isRunning ? right : step.state === 'waiting' ? waits : doneText(step)}
        fraction={isRunning ? fraction : undefined}
        label={phase}
      />
      {isRunning && line}
      {step.failure && <StepFailure failure={step.failure} profileId={profileId} more={more} />}
    </div>
  );
}

/** `168 MB, 22.4 s`: what is known of it. */
export function doneText({ bytes, seconds }: SetupStep): string {
  return [
    bytes === undefined ? '' : formatDisk(bytes),
    seconds === undefined ? '' : formatShortDuration(seconds),
  ]
    .filter(Boolean)
    .join(', ');
}

interface StepFailureProps {
  readonly failure: Failure;
  readonly profileId: string | undefined;
  readonly more: ReactNode;
}

function StepFailure({ failure, profileId, more }: StepFailureProps) {
  const effect = failure.action && effectOf(failure.action, profileId);
  const leads = effect?.kind === 'go';
  return (
    <ErrorBlock
      className="my-1"
      sentence={failure.message}
      detail={effect?.kind === 'none' ? `${failure.action?.label}.` : undefined}
      actions={
        (leads || more) && (
          <>
            {leads && (
              <Button size="small" onClick={() => navigate(effect.href)}>
                {failure.action?.label}
              </Button>
            )}
            {more}
          </>
        )
      }
    />
  );
}

/** `Installed and tested mlx-lm 0.32.2`; one that was there before was found. */
export function engineDone({ plan, engine: { version, seconds } }: Setup): string {
  const named = version && version !== 'registered' ? ` ${version}` : '';
  return `${seconds === undefined ? 'Found' : 'Installed and tested'} ${plan.engine}${named}`;
}

function EngineProgress({ setup }: SetupProps) {
  const { plan, engine } = setup;
  const job = useLive((data) => data.engineJobs[engine.jobId ?? '']);
  const running = job?.state === 'running' ? job : undefined;
  const progress = running && packageProgress(running);
  return (
    <Row
      step={engine}
      phase={`Installing ${plan.engine}`}
      done={engineDone(setup)}
      right={running && ((progress && leftText(progress)) || formatPercent(running.fraction))}
      fraction={running?.fraction}
      more={
        job && (
          <Button size="small" onClick={() => navigate(routeHref('engines', [plan.engine]))}>
            Show its log
          </Button>
        )
      }
      line={
        running && (
          <p className="mt-1 text-small text-text-2">
            {running.queuedAfter ? queuedSentence(running.queuedAfter) : jobFact(running)}
          </p>
        )
      }
    />
  );
}

function ModelProgress({ setup: { plan, model } }: SetupProps) {
  const download = useLive((data) => data.downloads.find(({ id }) => id === model.downloadId));
  const name = plan.model.split('/').at(-1) ?? plan.model;
  const isHere = model.state === 'done' && model.seconds === undefined;
  return (
    <Row
      step={model}
      phase={`Downloading ${name}`}
      done={`${isHere ? 'Found' : 'Downloaded and verified'} ${name}`}
      fraction={download && download.total > 0 ? download.bytes / download.total : undefined}
      right={download && <ModelButtons download={download} />}
      line={download && <ModelNumbers download={download} />}
    />
  );
}

function ModelButtons({ download }: { readonly download: Download }) {
  const actions = useDownloadActions(download);
  return (
    <span className="flex items-center gap-1">
      {actions.problem && <span className="text-broken-text">{actions.problem}</span>}
      <DownloadButtons download={download} actions={actions} />
    </span>
  );
}

function ModelNumbers({ download }: { readonly download: Download }) {
  const place = useLive((data) => queuePlace(data.downloads, download.id));
  return (
    <p className="mt-1 text-small">
      <DownloadNumbers parts={downloadParts(download, place)} tone={downloadTone(download)} />
    </p>
  );
}

function ServerProgress({ setup: { server: step } }: SetupProps) {
  const server = useLive((data) => data.servers[step.profileId ?? '']);
  const now = useNow(server?.progress !== undefined);
  const isAsked = server !== undefined && isServing(server.state);
  return (
    <Row
      step={step}
      phase={
        isAsked ? 'Asking a first question' : (server?.progress?.phase ?? 'Starting the server')
      }
      done="Started the server and got an answer"
      waits="Waits for the engine and the model"
      right={server?.progress && formatShortDuration(loadSeconds(server, now))}
      fraction={server?.progress?.fraction}
      profileId={step.profileId}
      more={
        server && (
          <Button size="small" onClick={() => navigate(routeHref('servers', [server.profileId]))}>
            Show the server
          </Button>
        )
      }
    />
  );
}
