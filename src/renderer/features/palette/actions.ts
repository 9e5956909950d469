import { routeHref, SCREENS } from '@renderer/routing/route';
import { modelName, stateLabel } from '@renderer/text/server-text';
import { LOCAL_ONLY } from '@renderer/text/local-only';
import { SETTING_LABELS } from '@renderer/text/setting-labels';
import type { Download } from '@shared/domain/download';
import { isUnderWay } from '@shared/domain/download-state';
import type { Installation } from '@shared/domain/engine';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import { shortText } from '@shared/domain/memory-labels';
import type { ServerProfile } from '@shared/domain/profile';
import type { GatewayStatus } from '@shared/domain/gateway-status';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import type { SettingKey, Settings } from '@shared/domain/settings';
import { formatCount } from '@shared/format/counts';
import { gatewayActions } from './gateway-actions';
import { type ChosenModel, chosenActions, selectedActions, verifyActions } from './model-actions';
import type { PaletteAction } from './palette-action';

export interface PaletteFacts {
  readonly profiles: readonly ServerProfile[];
  readonly servers: Readonly<Record<string, Server>>;
  readonly installations: readonly Installation[];
  readonly downloads: readonly Download[];
  readonly gateway: GatewayStatus;
  readonly appearance: Settings['appearance'];
  readonly isDesktop: boolean;
  /** Whether this view may name folders. */
  readonly isLocal: boolean;
  /** The profile that the window's shortcuts act on. */
  readonly current: string | undefined;
  /** The model in front, on the screen of models. */
  readonly chosen?: ChosenModel | undefined;
  /** Those that are chosen together with it. */
  readonly selected?: readonly ChosenModel[] | undefined;
  /** Every model that is there. */
  readonly models?: readonly ChosenModel[];
  /** Why nothing can be changed now. */
  readonly refusal?: string | undefined;
}

/** Settings that a row of the settings screen stands for. */
const SHOWN_SETTINGS = (Object.keys(SETTING_LABELS) as SettingKey[]).filter(
  (key) => key !== 'modelFolders',
);

/** Settings that only the desktop application has. */
const DESKTOP_SETTINGS: readonly SettingKey[] = [
  'showWindowAtLogin',
  'dockIcon',
  'notifications',
  'keepAwake',
  'checkForUpdates',
];

/** What only shows something, by its verb: that is possible while the manager does not answer. */
const SHOWS: ReadonlySet<string> = new Set([
  ...[
    'go',
    'setting',
    'new',
    'new-of',
    'show',
    'make-room',
    'logs',
    'edit',
    'search',
    'hub',
    'copy-address',
    'gateway',
    'gateway-key',
  ],
]);

/** Every action there is, group by group. Pure. */
export function paletteActions(facts: PaletteFacts): PaletteAction[] {
  const { refusal } = facts;
  const all = allActions(facts);
  if (refusal === undefined) return all;
  return all.map((action) =>
    SHOWS.has(action.id.split(':')[0] ?? '') ? action : { ...action, reason: refusal },
  );
}

function allActions(facts: PaletteFacts): PaletteAction[] {
  const { profiles, servers, selected = [] } = facts;
  return [
    ...profiles.flatMap((profile) =>
      profileActions(profile, servers[profile.id], profile.id === facts.current),
    ),
    { id: 'new', label: 'New profile', group: 'Servers', shortcut: { key: 'N', own: true } },
    stopAll(servers),
    ...SCREENS.map((screen, index) => goTo(screen, index)),
    ...SHOWN_SETTINGS.filter((key) => facts.isDesktop || !DESKTOP_SETTINGS.includes(key)).map(
      settingAction,
    ),
    ...gatewayActions(facts.gateway),
    ...engineActions(facts.installations),
    ...(selected.length > 1
      ? selectedActions(selected)
      : facts.chosen
        ? chosenActions(facts.chosen, facts.isDesktop)
        : []),
    ...verifyActions(facts.models ?? [], facts.chosen),
    ...modelActions(facts.downloads, facts.isLocal),
    ...(['system', 'light', 'dark'] as const).map((theme) =>
      themeAction(theme, theme === facts.appearance),
    ),
  ];
}

function profileActions(
  { id, name }: ServerProfile,
  server: Server | undefined,
  current: boolean,
): PaletteAction[] {
  const active = server !== undefined && isActive(server.state);
  const stopped = active ? {} : { reason: 'Not running' };
  const base = { group: 'Servers', named: true, show: routeHref('servers', [id]) } as const;
  const notReady = server?.state === 'ready' ? {} : { reason: 'Not ready' };
  return [
    {
      ...base,
      id: `start:${id}`,
      label: `Start ${name}`,
      ...(active ? { reason: runningReason(server) } : {}),
    },
    ...(server?.refusal
      ? [
          {
            ...base,
            id: `make-room:${id}`,
            label: `Make room for ${name}…`,
            fact: shortText(server.refusal.shortBytes),
          },
        ]
      : []),
    {
      ...base,
      id: `stop:${id}`,
      label: `Stop ${name}`,
      ...stopped,
      ...(current ? { shortcut: { key: '.' } } : {}),
    },
    {
      ...base,
      id: `restart:${id}`,
      label: `Restart ${name}`,
      ...(server?.restartNeeded ? { fact: 'to apply its changes' } : {}),
      ...stopped,
      ...(current ? { shortcut: { key: 'R', own: true } } : {}),
    },
    { ...base, id: `show:${id}`, label: `Show ${name}` },
    { ...base, id: `logs:${id}`, label: `Show logs: ${name}` },
    { ...base, id: `edit:${id}`, label: `Show settings: ${name}` },
    { ...base, id: `test:${id}`, label: `Send test request: ${name}`, ...notReady },
    { ...base, id: `copy-address:${id}`, label: `Copy address: ${name}` },
    { ...base, id: `duplicate:${id}`, label: `Duplicate ${name}` },
    { ...base, id: `delete-profile:${id}`, label: `Delete ${name}…` },
  ];
}

function runningReason(server: Server): string {
  return server.state === 'backoff' ? 'Restarts shortly' : stateLabel(server.state);
}

function stopAll(servers: PaletteFacts['servers']): PaletteAction {
  const running = Object.values(servers).filter((server) => isActive(server.state)).length;
  return {
    id: 'stop-all',
    label: 'Stop all servers',
    group: 'Servers',
    show: routeHref('servers'),
    ...(running > 0
      ? { fact: formatCount(running, 'server') }
      : { reason: 'No server is running' }),
  };
}

function goTo(screen: (typeof SCREENS)[number], index: number): PaletteAction {
  return {
    id: `go:${screen}`,
    label: `${screen.charAt(0).toUpperCase()}${screen.slice(1)}`,
    group: 'Go to',
    shortcut: { key: `${index + 1}` },
  };
}

function settingAction(key: SettingKey): PaletteAction {
  return {
    id: `setting:${key}`,
    label: `Settings: ${SETTING_LABELS[key]}`,
    group: 'Go to',
    named: true,
  };
}

/** Each engine: what is not there can be installed, what is there updated, and the version before it used again. */
function engineActions(installations: readonly Installation[]): PaletteAction[] {
  return INSTALLABLE_IDS.flatMap((engine) => {
    const own = installations.filter((one) => one.engine === engine);
    const inUse = own.find((one) => one.inUse);
    const others = own.some((one) => !one.inUse && one.state === 'ready');
    const base = { group: 'Engines', show: routeHref('engines', [engine]) } as const;
    return [
      {
        ...base,
        id: inUse ? `engine-update:${engine}` : `engine-install:${engine}`,
        label: inUse ? `Update ${engine}` : `Install ${engine}`,
      },
      ...(inUse
        ? [
            {
              ...base,
              id: `engine-rollback:${engine}`,
              label: `Roll back ${engine}`,
              ...(others ? {} : { reason: 'No other version is installed' }),
            },
          ]
        : []),
    ];
  });
}

function modelActions(downloads: readonly Download[], isLocal: boolean): PaletteAction[] {
  const discover = { group: 'Models', show: routeHref('discover') } as const;
  const going = downloads.filter(({ state }) => isUnderWay(state));
  const paused = downloads.filter(({ state }) => state === 'paused');
  return [
    { ...discover, id: 'search:models', label: 'Search for models' },
    {
      id: 'models:rescan',
      label: 'Rescan for models',
      group: 'Models',
      show: routeHref('models'),
    },
    ...going.map(({ id, ref }) => ({
      ...discover,
      id: `pause-download:${id}`,
      label: `Pause download: ${modelName(ref)}`,
    })),
    ...paused.map(({ id, ref }) => ({
      ...discover,
      id: `resume-download:${id}`,
      label: `Resume download: ${modelName(ref)}`,
    })),
    {
      ...discover,
      id: 'downloads:pause',
      label: 'Pause all downloads',
      ...(going.length > 0
        ? { fact: formatCount(going.length, 'download') }
        : { reason: 'Nothing is downloading' }),
    },
    {
      ...discover,
      id: 'downloads:resume',
      label: 'Resume all downloads',
      ...(paused.length > 0
        ? { fact: formatCount(paused.length, 'download') }
        : { reason: 'No downloads are paused' }),
    },
    {
      id: 'add-folder',
      label: 'Add models folder…',
      group: 'Models',
      ...(isLocal ? {} : { reason: LOCAL_ONLY }),
    },
    { id: 'hub:token', label: 'Set Hugging Face token…', group: 'Models' },
  ];
}

function themeAction(theme: Settings['appearance'], now: boolean): PaletteAction {
  return {
    id: `theme:${theme}`,
    label: `Appearance: ${theme === 'system' ? 'match system' : theme}`,
    group: 'Appearance',
    show: routeHref('settings', [], { field: 'appearance' }),
    ...(now ? { fact: 'now' } : {}),
  };
}
