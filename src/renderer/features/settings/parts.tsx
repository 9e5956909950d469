import type { ReactNode } from 'react';

import { SETTING_LABELS } from '@renderer/text/setting-labels';
import type { SettingKey } from '@shared/domain/settings';
import { AboutGroup } from './AboutGroup';
import { ApplicationGroup } from './ApplicationGroup';
import { BrowserGroup } from './BrowserGroup';
import { DataGroup } from './DataGroup';
import { DownloadsGroup } from './DownloadsGroup';
import { GatewayGroup } from './GatewayGroup';
import { GeneralGroup } from './GeneralGroup';
import { HubGroup } from './HubGroup';
import { LoginGroup } from './LoginGroup';
import { LogsGroup } from './LogsGroup';
import { MemoryGroup } from './MemoryGroup';
import { ModelsGroup } from './ModelsGroup';

export interface Part {
  readonly id: string;
  readonly title: string;
  readonly settings: readonly SettingKey[];
  /** More words that lead here in the search. */
  readonly keywords: string;
  readonly content: ReactNode;
  /** Only where somebody logged in: in a browser. */
  readonly browserOnly?: true;
}

/** The page from top to bottom. */
export const PARTS: readonly Part[] = [
  {
    id: 'general',
    title: 'General',
    settings: ['appearance', 'onQuit', 'stopGraceSeconds', 'setupSkipped'],
    keywords: 'theme light dark quit servers grace kill set up',
    content: <GeneralGroup />,
  },
  {
    id: 'login',
    title: 'At login',
    settings: ['startProfiles', 'showWindowAtLogin', 'dockIcon'],
    keywords: 'open at login start profiles menu bar dock hidden automatically',
    content: <LoginGroup />,
  },
  {
    id: 'application',
    title: 'Application',
    settings: ['notifications', 'keepAwake', 'checkForUpdates'],
    keywords: 'notify sleep awake update version command line terminal',
    content: <ApplicationGroup />,
  },
  {
    id: 'models',
    title: 'Models',
    settings: ['modelFolders', 'unusedDays'],
    keywords: 'folder hugging face cache library',
    content: <ModelsGroup />,
  },
  {
    id: 'downloads',
    title: 'Downloads',
    settings: [
      'parallelDownloads',
      'downloadConnections',
      'downloadLimitMegabytes',
      'downloadLimitHours',
    ],
    keywords: 'bandwidth network fast slow night time queue',
    content: <DownloadsGroup />,
  },
  {
    id: 'hub',
    title: 'Hugging Face',
    settings: [],
    keywords: 'token account gated private mirror endpoint hub login',
    content: <HubGroup />,
  },
  {
    id: 'gateway',
    title: 'Gateway',
    settings: [
      'gatewayEnabled',
      'gatewayPort',
      'gatewayRequireKey',
      'gatewayAllowedOrigins',
      'gatewayAllowedHosts',
    ],
    keywords: 'key api origin cors browser host name network access',
    content: <GatewayGroup />,
  },
  {
    id: 'memory',
    title: 'Memory',
    settings: ['serverMemoryLimitGib', 'keepFreePercent'],
    keywords: 'gpu ram fits tight room',
    content: <MemoryGroup />,
  },
  {
    id: 'logs',
    title: 'Logs and metrics',
    settings: ['logFileMegabytes', 'logFilesKept', 'sampleSeconds'],
    keywords: 'rotation sample cpu memory',
    content: <LogsGroup />,
  },
  {
    id: 'data',
    title: 'Data',
    settings: [],
    keywords: 'remove engines logs everything uninstall storage disk home folder',
    content: <DataGroup />,
  },
  {
    id: 'browser',
    title: 'Browser login',
    settings: [],
    keywords: 'log out logout sign out everywhere token session',
    content: <BrowserGroup />,
    browserOnly: true,
  },
  {
    id: 'about',
    title: 'About',
    settings: [],
    keywords: 'version address process',
    content: <AboutGroup />,
  },
];

/** Whether a part has what is searched for. */
export function matchesPart(part: Part, search: string): boolean {
  const labels = part.settings.map((key) => SETTING_LABELS[key]);
  const text = [part.title, ...labels, part.keywords].join(' ').toLowerCase();
  return text.includes(search.trim().toLowerCase());
}
