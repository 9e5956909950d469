import { useState } from 'react';

import { ErrorBlock, errorSentence } from '@renderer/components/ErrorBlock';
import { Section } from '@renderer/components/Pane';
import { useLive } from '@renderer/live/use-live';
import { jobOf } from '@renderer/text/engine-job-text';
import { formatDisk } from '@shared/format/bytes';
import { formatNumber } from '@shared/format/counts';
import { InstallVersionDialog, RegisterDialog } from './EngineDialogs';
import { type DialogName, EngineHeader } from './EngineHeader';
import type { EngineEntry } from './engine-look';
import { InstallationTable } from './InstallationTable';
import { JobArea } from './JobArea';
import { NoEngine } from './NoEngine';
import { ProfileTable } from './ProfileTable';
import { useEngineJobs } from './use-engine-jobs';
import { VersionAdvice } from './VersionAdvice';
import { VersionDetail } from './VersionDetail';
import { newerVersion } from './versions';

interface EngineDetailProps {
  readonly entry: EngineEntry;
  readonly titleOf: (engine: string) => string;
}

/** One engine: what is under way, its versions and who uses them, and what the one in use is made of. */
export function EngineDetail({ entry, titleOf }: EngineDetailProps) {
  const { id, about } = entry;
  const installations = useLive((data) => data.installations.filter(({ engine }) => engine === id));
  const profiles = useLive((data) => data.profiles.filter(({ engine }) => engine === id));
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    id,
  );
  const jobs = useEngineJobs(id);
  const [dialog, setDialog] = useState<DialogName>();
  const inUse = installations.find((one) => one.inUse);
  const newer = about && newerVersion(about, installations);
  const onRegister = (): void => setDialog('register');
  const closeDialog = (): void => setDialog(undefined);
  return (
    <div className="flex min-h-full flex-col px-6 pt-1 pb-10 narrow:px-5">
      <EngineHeader
        entry={entry}
        job={job}
        jobs={jobs}
        installations={installations}
        profiles={profiles.length}
        onDialog={setDialog}
      />
      {jobs.problem && <ErrorBlock className="mt-4" sentence={errorSentence(jobs.problem)} />}
      <div className="mt-4 empty:hidden">
        <JobArea
          job={job}
          jobs={jobs}
          versionInUse={inUse?.version}
          titleOf={titleOf}
          onRegister={onRegister}
        />
      </div>
      {installations.length > 0 && (
        <div className="mt-5">
          <Section first title="Installations" right={onDiskText(installations)}>
            <InstallationTable installations={installations} job={job} />
          </Section>
        </div>
      )}
      {installations.length > 0 && profiles.length > 0 && (
        <Section title="Profiles" right={formatNumber(profiles.length)}>
          <ProfileTable profiles={profiles} installations={installations} />
        </Section>
      )}
      {inUse && <VersionDetail key={inUse.id} installation={inUse} />}
      {inUse && <Known engine={id} version={inUse.version} />}
      {newer !== undefined && <Known engine={id} version={newer} />}
      {installations.length === 0 && job?.state !== 'running' && (
        <NoEngine entry={entry} jobs={jobs} onRegister={onRegister}>
          {about && <Known engine={id} version={about.tested} />}
        </NoEngine>
      )}
      {dialog === 'version' && <InstallVersionDialog engine={id} onClose={closeDialog} />}
      {dialog === 'register' && <RegisterDialog engine={id} onClose={closeDialog} />}
    </div>
  );
}

/** What was registered lies with others: only what we made is counted. */
function onDiskText(installations: readonly { readonly sizeBytes: number }[]): string {
  const bytes = installations.reduce((sum, one) => sum + one.sizeBytes, 0);
  return bytes === 0 ? '' : `${formatDisk(bytes)} on disk`;
}

interface KnownProps {
  readonly engine: EngineEntry['id'];
  readonly version: string;
}

function Known({ engine, version }: KnownProps) {
  return <VersionAdvice engine={engine} version={version} title={`Known issues in ${version}`} />;
}
