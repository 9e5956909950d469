import type { AvailableEngine, Installation } from '@shared/domain/engine';
import { FolderPlus, Plus } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/Button';
import { CopyButton } from '../../components/CopyButton';
import { Disclosure } from '../../components/Disclosure';
import { ErrorBlock, errorSentence } from '../../components/ErrorBlock';
import { Facts } from '../../components/Facts';
import { formatCount, formatDisk } from '../../components/format';
import { Section } from '../../components/Pane';
import { useIsLocal, useLive } from '../../live/use-live';
import { useAsk, useTell } from '../../queries/use-ask';
import { LOCAL_ONLY } from '../models/ModelsScreen';
import { InstallVersionDialog, RegisterDialog } from './EngineDialogs';
import { InstallationTable } from './InstallationTable';
import { FailedJob, JobPanel } from './JobPanel';
import { jobOf } from './job-text';

/** One engine: what is under way, its versions, and what the one in use is made of. */
export function EngineDetail({ engine }: { readonly engine: AvailableEngine }) {
  const isLocal = useIsLocal();
  const installations = useLive((data) =>
    data.installations.filter((one) => one.engine === engine.engine && one.state !== 'installing'),
  );
  const job = jobOf(
    useLive((data) => Object.values(data.engineJobs)),
    engine.engine,
  );
  const install = useTell('engines.install');
  const update = useTell('engines.update');
  const [dialog, setDialog] = useState<'version' | 'register'>();
  const inUse = installations.find((one) => one.inUse);
  const busy = job?.state === 'running' && 'Another installation of it is under way';
  const newer = inUse && engine.version !== null && !engine.installed.includes(engine.version);
  const problem = install.error ?? update.error;
  return (
    <div className="px-6 pb-10">
      <header className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="flex items-center gap-2 text-[20px] leading-[26px] font-semibold">
            {engine.title}
            {inUse && <Badge glyph="ok">{`${inUse.version} in use`}</Badge>}
          </h2>
          <p className="mt-1 text-small text-text-2">
            {engine.description}
            {engine.recommended ? ' Recommended.' : ''}
          </p>
        </div>
        <div className="flex gap-2">
          {!inUse && (
            <Button
              kind="primary"
              reason={busy}
              busy={install.isPending}
              onClick={() => install.mutate({ engine: engine.engine })}
            >
              Install
            </Button>
          )}
          {newer && (
            <Button
              kind="primary"
              reason={busy}
              busy={update.isPending}
              onClick={() => update.mutate({ engine: engine.engine })}
            >
              {`Update to ${engine.version}`}
            </Button>
          )}
          <Button icon={<Plus size={14} />} reason={busy} onClick={() => setDialog('version')}>
            Install version…
          </Button>
          <Button
            icon={<FolderPlus size={14} />}
            reason={isLocal ? busy : LOCAL_ONLY}
            onClick={() => setDialog('register')}
          >
            Register existing…
          </Button>
        </div>
      </header>
      {problem && <ErrorBlock className="mt-4" sentence={errorSentence(problem)} />}
      {job?.state === 'running' && (
        <div className="mt-5">
          <JobPanel job={job} />
        </div>
      )}
      {job?.state === 'failed' && (
        <div className="mt-5">
          <FailedJob
            job={job}
            busy={install.isPending}
            onRetry={() =>
              install.mutate({
                engine: engine.engine,
                ...(job.version ? { version: job.version } : {}),
              })
            }
          />
        </div>
      )}
      {installations.length > 0 && (
        <div className="mt-6">
          <Section
            first
            title="Installations"
            right={`${formatDisk(installations.reduce((sum, one) => sum + one.sizeBytes, 0))} on disk`}
          >
            <InstallationTable installations={installations} />
          </Section>
        </div>
      )}
      {inUse && <VersionDetail installation={inUse} />}
      {dialog === 'version' && (
        <InstallVersionDialog engine={engine.engine} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'register' && (
        <RegisterDialog engine={engine.engine} onClose={() => setDialog(undefined)} />
      )}
    </div>
  );
}

function VersionDetail({ installation }: { readonly installation: Installation }) {
  const options = useAsk('engines.options', { installationId: installation.id });
  const { path, python, pythonVersion, packages } = installation;
  return (
    <Section title={`Version ${installation.version}`}>
      <Facts
        facts={[
          {
            label: 'Environment',
            value: (
              <span className="flex items-center gap-2 font-mono text-[12px] break-all">
                {path}
                <CopyButton text={path} label="Copy path" size="small" />
              </span>
            ),
          },
          ...(pythonVersion || python ? [{ label: 'Python', value: pythonVersion ?? python }] : []),
          ...(packages
            ? [{ label: 'Contents', value: formatCount(packages.length, 'package') }]
            : []),
          {
            label: 'Options',
            value: `${options.data?.length ?? installation.optionCount ?? 0} read from --help`,
          },
        ]}
      />
      <div className="mt-3">
        <Disclosure title="Options of this version">
          <ul className="mt-2">
            {(options.data ?? []).map((option) => (
              <li key={option.key} className="border-b border-sep py-1.5">
                <span className="font-mono text-[12px]">{option.flag}</span>
                {option.default !== undefined && (
                  <span className="ml-2 text-small text-text-2">{`default ${String(option.default)}`}</span>
                )}
                <p className="text-small text-text-2">{option.help}</p>
              </li>
            ))}
          </ul>
        </Disclosure>
      </div>
      {packages && (
        <div className="mt-2">
          <Disclosure title="Packages">
            <p className="mt-2 font-mono text-[12px] text-text-2">{packages.join(', ')}</p>
          </Disclosure>
        </div>
      )}
      {options.error && <ErrorBlock className="mt-3" sentence={errorSentence(options.error)} />}
    </Section>
  );
}
