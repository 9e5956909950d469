import { Ellipsis, Play, RotateCw, Square } from 'lucide-react';
import { useState } from 'react';

import { Badge } from '@renderer/components/Badge';
import { Button, IconButton } from '@renderer/components/Button';
import { Menu } from '@renderer/components/Menu';
import { isDesktop, isMac, shortcutLabel } from '@renderer/components/platform';
import { Tabs } from '@renderer/components/Tabs';
import { UnsavedMark } from '@renderer/components/UnsavedMark';
import { useMedia } from '@renderer/components/use-media';
import { useNow } from '@renderer/components/use-now';
import { DeleteProfileDialog } from '@renderer/domain/servers/DeleteProfileDialog';
import { useHasDraft } from '@renderer/domain/servers/drafts';
import { useServerActions } from '@renderer/domain/servers/server-actions';
import { useProfileMenu } from '@renderer/domain/servers/use-profile-menu';
import { EditProfile } from '@renderer/features/servers/form/EditProfile';
import { LogsTab } from '@renderer/features/servers/logs/LogsTab';
import { useLive } from '@renderer/live/use-live';
import { navigate, routeHref, useRouteRun } from '@renderer/routing/route';
import { engineName, modelName, stateLabel, uptimeSeconds } from '@renderer/text/server-text';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import { formatAgo, formatClock } from '@shared/format/dates';
import { formatDuration } from '@shared/format/durations';
import { CommandTab } from './CommandTab';
import { MetricsTab } from './MetricsTab';
import { OverviewTab } from './OverviewTab';
import { RestartBanner } from './RestartBanner';

const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'logs', label: 'Logs' },
  { value: 'metrics', label: 'Metrics' },
  { value: 'command', label: 'Command' },
  { value: 'settings', label: 'Settings' },
] as const;

/** The same while something in the settings is not saved. */
const EDITED_TABS = TABS.map((tab) =>
  tab.value === 'settings'
    ? {
        ...tab,
        label: (
          <span className="flex items-center gap-1.5">
            {tab.label}
            <UnsavedMark />
          </span>
        ),
      }
    : tab,
);
export type DetailTab = (typeof TABS)[number]['value'];

/** The tab of an address; anything unknown is the overview. */
export function tabOf(name: string | undefined): DetailTab {
  return TABS.find((tab) => tab.value === name)?.value ?? 'overview';
}

function Subtitle({ server }: { readonly server: Server }) {
  const narrow = useMedia('(width < 1000px)');
  const now = useNow(server.state !== 'stopped');
  const version = useLive(
    (data) => data.installations.find((one) => one.id === server.installation)?.version,
  );
  const up = isActive(server.state) ? uptimeSeconds(server, now) : undefined;
  const failed = server.state === 'failed' ? `failed ${formatAgo(server.since, now)}` : undefined;
  const refused = server.refusal ? `start refused at ${formatClock(server.refusal.at)}` : undefined;
  const parts = [
    modelName(server.model),
    // There is no room for both, and the list of servers does not say that a start was refused.
    narrow && refused ? undefined : engineName(server.engine, version),
    refused ?? failed ?? (up === undefined ? undefined : `up ${formatDuration(up)}`),
  ];
  return (
    <p className="mt-1 truncate text-small text-text-2">{parts.filter(Boolean).join(' · ')}</p>
  );
}

function RunControls({ server }: { readonly server: Server }) {
  const actions = useServerActions();
  const narrow = useMedia('(width < 1000px)');
  const active = isActive(server.state);
  const stopping = server.state === 'stopping' && 'Stopping…';
  const id = server.profileId;
  const restartKey = isDesktop() ? shortcutLabel('R') : isMac() ? '⌥R' : 'Alt+R';
  const restart = () => void actions.restart(id);
  const stop = () => void actions.stop(id);
  const start = () => void actions.start(id);
  const icons = {
    restart: <RotateCw size={narrow ? 16 : 14} strokeWidth={1.5} />,
    stop: <Square size={narrow ? 12 : 11} fill="currentColor" strokeWidth={1.5} />,
    start: <Play size={narrow ? 15 : 13} fill="currentColor" strokeWidth={1.5} />,
  };
  if (narrow) {
    return active ? (
      <>
        <IconButton
          writes
          label="Restart"
          shortcut={restartKey}
          filled
          reason={stopping}
          onClick={restart}
        >
          {icons.restart}
        </IconButton>
        <IconButton
          writes
          label="Stop"
          shortcut={shortcutLabel('.')}
          filled
          reason={stopping}
          onClick={stop}
        >
          {icons.stop}
        </IconButton>
      </>
    ) : (
      <IconButton writes label="Start" filled onClick={start}>
        {icons.start}
      </IconButton>
    );
  }
  return active ? (
    <>
      <Button writes icon={icons.restart} reason={stopping} onClick={restart}>
        Restart
      </Button>
      <Button writes icon={icons.stop} reason={stopping} onClick={stop}>
        Stop
      </Button>
    </>
  ) : (
    <Button writes icon={icons.start} onClick={start}>
      Start
    </Button>
  );
}

function MoreMenu({
  profile,
  server,
  onDelete,
}: {
  readonly profile: ServerProfile;
  readonly server: Server;
  readonly onDelete: () => void;
}) {
  const { more } = useProfileMenu(profile, server, onDelete);
  return (
    <Menu
      trigger={
        <IconButton label={`More for ${profile.name}`}>
          <Ellipsis size={16} strokeWidth={1.5} />
        </IconButton>
      }
      items={more}
    />
  );
}

interface ServerDetailProps {
  readonly profile: ServerProfile;
  readonly server: Server;
  readonly tab: DetailTab;
  /** Field to show in the Settings tab. */
  readonly field: string | undefined;
  /** The list is hidden. */
  readonly wide: boolean;
}

/** Everything about one profile and its server. */
export function ServerDetail({ profile, server, tab, field, wide }: ServerDetailProps) {
  const edited = useHasDraft(profile.id);
  const [deleting, setDeleting] = useState(false);
  useRouteRun('delete', () => setDeleting(true));
  const go = (next: DetailTab) =>
    navigate(routeHref('servers', next === 'overview' ? [profile.id] : [profile.id, next]));
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex items-start gap-3 px-6 pt-2.5 narrow:px-5 narrow:pt-0.5">
        <div className="min-w-0 flex-1">
          <div className="flex min-w-0 items-center gap-2.5">
            <h2 className="truncate text-title font-semibold">{profile.name}</h2>
            <Badge glyph={server.state}>{stateLabel(server.state)}</Badge>
          </div>
          <Subtitle server={server} />
        </div>
        <div className="flex shrink-0 items-center gap-2">
          <RunControls server={server} />
          <MoreMenu profile={profile} server={server} onDelete={() => setDeleting(true)} />
        </div>
      </div>
      <Tabs
        aria-label={`About ${profile.name}`}
        value={tab}
        items={edited ? EDITED_TABS : TABS}
        onChange={go}
        className="mt-4 flex min-h-0 flex-1 flex-col narrow:mt-3.5"
        listClassName="px-6 pb-3.5 narrow:px-5"
        panelClassName={
          tab === 'logs'
            ? 'min-h-0 flex-1'
            : 'min-h-0 flex-1 overflow-y-auto px-6 pt-0.5 pb-6 narrow:px-5'
        }
      >
        {tab === 'overview' && <OverviewTab key={profile.id} profile={profile} server={server} />}
        {tab === 'logs' && (
          <LogsTab key={profile.id} profileId={profile.id} name={profile.name} wide={wide} />
        )}
        {tab === 'metrics' && <MetricsTab key={profile.id} profileId={profile.id} />}
        {tab === 'command' && <CommandTab profileId={profile.id} />}
        {tab === 'settings' && (
          <>
            <RestartBanner server={server} />
            <EditProfile key={profile.id} profile={profile} field={field} />
          </>
        )}
      </Tabs>
      <DeleteProfileDialog
        profile={profile}
        server={server}
        open={deleting}
        onOpenChange={setDeleting}
      />
    </div>
  );
}
