import { FolderPlus, Plus } from 'lucide-react';
import type { ReactNode } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button, IconButton } from '@renderer/components/Button';
import { useMedia } from '@renderer/components/use-media';
import { useIsLocal } from '@renderer/live/use-live';
import { capabilityText } from '@renderer/text/capability-text';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import type { EngineJob, Installation } from '@shared/domain/engine';
import { formatCount } from '@shared/format/counts';
import type { EngineEntry } from './engine-look';
import type { EngineJobs } from './use-engine-jobs';
import { newerVersion } from './versions';

export type DialogName = 'version' | 'register';

interface EngineHeaderProps {
  readonly entry: EngineEntry;
  readonly job: EngineJob | undefined;
  readonly jobs: EngineJobs;
  readonly installations: readonly Installation[];
  /** How many are of this engine. */
  readonly profiles: number;
  readonly onDialog: (name: DialogName) => void;
}

/** What an engine is, which version is in use, and how another one comes. */
export function EngineHeader(props: EngineHeaderProps) {
  const { entry, job, jobs, installations, profiles, onDialog } = props;
  const { title, about } = entry;
  const narrow = useMedia('(width < 1200px)');
  const isLocal = useIsLocal();
  const inUse = installations.find((one) => one.inUse);
  const busy = job?.state === 'running' && 'Another task is running for this engine';
  const newer = about && newerVersion(about, installations);
  return (
    <header>
      <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-2">
        <div className="flex min-w-0 items-center gap-2.5">
          <h2 className="truncate text-title font-semibold" title={title}>
            {title}
          </h2>
          {inUse?.state === 'ready' && <Badge glyph="ok">{`${inUse.version} in use`}</Badge>}
          {inUse?.state === 'broken' && (
            <Badge glyph="failed">{`${inUse.version} can't run`}</Badge>
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
      {about && (
        <p className="mt-1 text-small text-text-2">
          {about.description}
          {about.recommended ? ' Recommended.' : ''}
          {profiles > 0 && ` Used by ${formatCount(profiles, 'profile')}.`}
        </p>
      )}
      {about && <p className="text-small text-text-2">{`For ${capabilityText(about)}.`}</p>}
    </header>
  );
}

interface HeaderButtonProps {
  readonly label: string;
  readonly icon: ReactNode;
  readonly narrow: boolean;
  readonly reason: string | false;
  readonly onClick: () => void;
}

/** Where the list takes its room, an icon with the same name. */
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
