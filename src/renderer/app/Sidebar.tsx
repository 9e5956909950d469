import {
  Box,
  Compass,
  Cpu,
  Download,
  type LucideIcon,
  Server,
  SlidersHorizontal,
  Workflow,
} from 'lucide-react';

import { classNames } from '@renderer/components/class-names';
import { shortcutLabel } from '@renderer/components/platform';
import { StateGlyph } from '@renderer/components/StateGlyph';
import { Tooltip } from '@renderer/components/Tooltip';
import { UnsavedMark } from '@renderer/components/UnsavedMark';
import { useDrafts } from '@renderer/domain/servers/drafts';
import { useLive } from '@renderer/live/use-live';
import { routeHref, type Screen, useRoute } from '@renderer/routing/route';
import { isUnderWay } from '@shared/domain/download-state';
import { hasProcess } from '@shared/domain/server-state';
import { GatewayLine } from './GatewayLine';
import { MachineGauge, MachineRing } from './MachineGauge';

interface Item {
  readonly screen: Screen;
  readonly label: string;
  readonly Icon: LucideIcon;
}

const ITEMS: readonly Item[] = [
  { screen: 'servers', label: 'Servers', Icon: Server },
  { screen: 'models', label: 'Models', Icon: Box },
  { screen: 'discover', label: 'Discover', Icon: Compass },
  { screen: 'engines', label: 'Engines', Icon: Cpu },
  { screen: 'gateway', label: 'Gateway', Icon: Workflow },
  { screen: 'settings', label: 'Settings', Icon: SlidersHorizontal },
];

interface Work {
  readonly servers: number;
  readonly installing: boolean;
  readonly downloads: number;
}

function useWork(): Work {
  return useLive((data) => ({
    servers: Object.values(data.servers).filter((server) => hasProcess(server.state)).length,
    downloads: data.downloads.filter((download) => isUnderWay(download.state)).length,
    installing: Object.values(data.engineJobs).some((job) => job.state === 'running'),
  }));
}

/** What was typed and not saved, and how many servers have a process. */
function ServersMark({ servers }: { readonly servers: number }) {
  const edited = useDrafts(({ edits, fresh }) => Object.keys(edits).length > 0 || !!fresh);
  return (
    <span className="ml-auto flex items-center gap-1.5 narrow:contents">
      {edited && (
        <UnsavedMark
          label="unsaved changes"
          className="narrow:absolute narrow:top-0.5 narrow:right-0.5"
        />
      )}
      {servers > 0 && (
        <span className="text-small text-text-2 narrow:hidden">
          {servers}
          <span className="sr-only"> running</span>
        </span>
      )}
    </span>
  );
}

function WorkMark({ screen, work }: { readonly screen: Screen; readonly work: Work }) {
  if (screen === 'servers') return <ServersMark servers={work.servers} />;
  if (screen === 'discover' && work.downloads > 0) {
    return (
      <span className="ml-auto flex items-center gap-1 text-small text-text-2 narrow:hidden">
        <Download aria-hidden="true" size={13} strokeWidth={1.5} />
        {work.downloads}
        <span className="sr-only"> downloading</span>
      </span>
    );
  }
  if (screen === 'engines' && work.installing) {
    return (
      <span className="ml-auto narrow:absolute narrow:top-0.5 narrow:right-0.5">
        <StateGlyph glyph="loading" size={13} />
        <span className="sr-only">installing</span>
      </span>
    );
  }
  return null;
}

/** The screens and, at the foot, the machine; below 1000 px a rail of icons. */
export function Sidebar() {
  const route = useRoute();
  const work = useWork();
  return (
    <aside className="flex h-full w-[220px] shrink-0 flex-col border-r border-sep bg-sidebar narrow:w-[76px]">
      <div className="app-drag h-13 shrink-0" />
      <nav
        aria-label="Screens"
        className="flex flex-col gap-px px-2.5 narrow:items-center narrow:gap-1"
      >
        {ITEMS.map(({ screen, label, Icon }, index) => {
          const current = route.screen === screen;
          return (
            <Tooltip
              key={screen}
              side="right"
              text={`${label} ${shortcutLabel(String(index + 1))}`}
            >
              <a
                href={routeHref(screen)}
                aria-current={current ? 'page' : undefined}
                draggable={false}
                className={classNames(
                  'relative flex h-[30px] cursor-default items-center gap-[9px] rounded-button px-2 text-text-1 narrow:h-[34px] narrow:w-11 narrow:justify-center narrow:px-0',
                  current && 'bg-fill-2',
                )}
              >
                <Icon
                  aria-hidden="true"
                  size={16}
                  strokeWidth={1.5}
                  className={current ? 'text-accent-text' : 'text-text-2'}
                />
                <span className="narrow:sr-only">{label}</span>
                <WorkMark screen={screen} work={work} />
              </a>
            </Tooltip>
          );
        })}
      </nav>
      <div className="mt-auto border-t border-sep px-4 py-3.5 narrow:px-2">
        <div className="narrow:hidden">
          <MachineGauge />
        </div>
        <div className="hidden justify-center narrow:flex">
          <MachineRing />
        </div>
        <GatewayLine />
      </div>
    </aside>
  );
}
