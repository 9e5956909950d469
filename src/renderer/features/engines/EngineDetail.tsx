import { Cpu, FolderPlus, Plus } from 'lucide-react';
import { useState } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button, IconButton } from '@renderer/components/Button';
import { EmptyState } from '@renderer/components/EmptyState';
import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { useMedia } from '@renderer/components/use-media';
import { useIsLocal, useLive } from '@renderer/live/use-live';
import { capabilityText } from '@renderer/text/capability-text';
import { jobOf } from '@renderer/text/engine-job-text';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import type { AvailableEngine, EngineJob, Installation } from '@shared/domain/engine';
import { formatDisk } from '@shared/format/bytes';
import { InstallVersionDialog, RegisterDialog } from './EngineDialogs';
import { InstallationTable } from './InstallationTable';
import { JobArea } from './JobArea';
import { type EngineJobs, useEngineJobs } from './use-engine-jobs';
import { VersionAdvice } from './VersionAdvice';
import { VersionDetail } from './VersionDetail';

type DialogName = 'version' | 'register';

/** One engine: what is under way, its versions, and what the one in use is made of. */
export function EngineDetail({ engine }: { readonly engine: AvailableEngine }) {
  const installations = useLive((data) =>
    data.installations.filter((one) => one.engine === engine.engine),
  );
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    engine.engine,
  );
  const jobs = useEngineJobs(engine.engine);
  const [dialog, setDialog] = useState<DialogName>();
  const inUse = installations.find((one) => one.inUse);
  const newer = newerVersion(engine, installations);
  const closeDialog = (): void => setDialog(undefined);
  return (
    <div className="flex min-h-full flex-col px-6 pt-1 pb-10 narrow:px-5">
      <EngineHeader
        engine={engine}
        job={job}
        jobs={jobs}
        installations={installations}
        onDialog={setDialog}
      />
      {jobs.problem && <ErrorBlock className="mt-4" sentence={errorSentence(jobs.problem)} />}
      <div className="mt-4 empty:hidden">
        <JobArea
          job={job}
          jobs={jobs}
          versionInUse={inUse?.version}
          onRegister={() => setDialog('register')}
        />
      </div>
      {installations.length > 0 && (
        <div className="mt-5">
          <Section
            first
            title="Installations"
            right={`${formatDisk(installations.reduce((sum, one) => sum + one.sizeBytes, 0))} on disk`}
          >
            <InstallationTable installations={installations} job={job} />
          </Section>
        </div>
      )}
      {inUse && <VersionDetail key={inUse.id} installation={inUse} />}
      {inUse && <Known engine={engine} version={inUse.version} />}
      {newer !== undefined && <Known engine={engine} version={newer} />}
      {installations.length === 0 && job?.state !== 'running' && (
        <NoEngine engine={engine} jobs={jobs} onRegister={() => setDialog('register')} />
      )}
      {dialog === 'version' && (
        <InstallVersionDialog engine={engine.engine} onClose={closeDialog} />
      )}
      {dialog === 'register' && <RegisterDialog engine={engine.engine} onClose={closeDialog} />}
    </div>
  );
}

/** The version to update to: not the one in use, and not one that is kept and can be put in use below. */
function newerVersion(
  { version }: AvailableEngine,
  installations: readonly Installation[],
): string | undefined {
  if (version === null || !installations.some((one) => one.inUse)) return undefined;
  // A version that failed its self-test may be tried again.
  const isKept = installations.some((one) => one.version === version && one.state === 'ready');
  return isKept ? undefined : version;
}

function Known({
  engine,
  version,
}: {
  readonly engine: AvailableEngine;
  readonly version: string;
}) {
  return (
    <VersionAdvice engine={engine.engine} version={version} title={`Known issues in ${version}`} />
  );
}

interface EngineHeaderProps {
  readonly engine: AvailableEngine;
  readonly job: EngineJob | undefined;
  readonly jobs: EngineJobs;
  readonly installations: readonly Installation[];
  readonly onDialog: (name: DialogName) => void;
}

function EngineHeader({ engine, job, jobs, installations, onDialog }: EngineHeaderProps) {
  const narrow = useMedia('(width < 1000px)');
  const isLocal = useIsLocal();
  const inUse = installations.find((one) => one.inUse);
  const busy = job?.state === 'running' && 'Another task is running for this engine';
  const newer = newerVersion(engine, installations);
  return (
    <header>
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div className="flex min-w-0 items-center gap-2.5">
          <h2 className="truncate text-title font-semibold">{engine.title}</h2>
          {inUse?.state === 'ready' && <Badge glyph="ok">{`${inUse.version} in use`}</Badge>}
          {inUse?.state === 'broken' && (
            <Badge glyph="failed">{`${inUse.version} cannot run`}</Badge>
          )}
        </div>
        <div className="flex gap-2">
          {!inUse && installations.length > 0 && (
            <Button writes kind="primary" reason={busy} busy={jobs.busy} onClick={jobs.install}>
              Install
            </Button>
          )}
          {newer !== undefined && (
            <Button writes kind="primary" reason={busy} busy={jobs.busy} onClick={jobs.update}>
              {`Update to ${newer}`}
            </Button>
          )}
          <HeaderButton
            label="Install version…"
            icon={<Plus size={narrow ? 16 : 14} strokeWidth={1.5} />}
            narrow={narrow}
            reason={busy}
            onClick={() => onDialog('version')}
          />
          <HeaderButton
            label="Register existing…"
            icon={<FolderPlus size={narrow ? 16 : 14} strokeWidth={1.5} />}
            narrow={narrow}
            reason={isLocal ? busy : LOCAL_ONLY}
            onClick={() => onDialog('register')}
          />
        </div>
      </div>
      <p className="mt-1 text-small text-text-2">
        {engine.description}
        {engine.recommended ? ' Recommended.' : ''}
      </p>
      <p className="text-small text-text-2">{`For ${capabilityText(engine)}.`}</p>
    </header>
  );
}

interface HeaderButtonProps {
  readonly label: string;
  readonly icon: React.ReactNode;
  readonly narrow: boolean;
  readonly reason: string | false;
  readonly onClick: () => void;
}

/** Below 1000 px an icon with the same name. */
function HeaderButton({ label, icon, narrow, reason, onClick }: HeaderButtonProps) {
  return narrow ? (
    <IconButton writes filled label={label} reason={reason} onClick={onClick}>
      {icon}
    </IconButton>
  ) : (
    <Button writes icon={icon} reason={reason} onClick={onClick}>
      {label}
    </Button>
  );
}

interface NoEngineProps {
  readonly engine: AvailableEngine;
  readonly jobs: EngineJobs;
  readonly onRegister: () => void;
}

function NoEngine({ engine, jobs, onRegister }: NoEngineProps) {
  const isLocal = useIsLocal();
  return (
    <div className="flex-1">
      <EmptyState
        icon={<Cpu size={32} strokeWidth={1.5} />}
        title="No engine installed"
        actions={
          <>
            <Button writes kind="primary" busy={jobs.busy} onClick={jobs.install}>
              {`Install ${engine.title}`}
            </Button>
            {isLocal && (
              <Button kind="plain" onClick={onRegister}>
                Use one I have…
              </Button>
            )}
          </>
        }
      >
        {`An engine is the program that runs a model. ${engine.title} is installed in an environment of its own; nothing else on this machine is changed.`}
      </EmptyState>
      <Known engine={engine} version={engine.tested} />
    </div>
  );
}
