import type { Installation } from '@shared/domain/engine';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';

/** Something that the palette can do. */
export interface PaletteAction {
  readonly id: string;
  readonly label: string;
  /** Where it belongs, shown at the right. */
  readonly group: string;
  readonly shortcut?: string;
  /** Why it cannot act now. */
  readonly reason?: string;
}

export interface PaletteFacts {
  readonly profiles: readonly ServerProfile[];
  readonly servers: Readonly<Record<string, Server>>;
  readonly installations: readonly Installation[];
}

const SCREENS = ['Servers', 'Models', 'Engines', 'Settings'] as const;

/** Every action there is, the possible ones first. Pure. */
export function paletteActions({
  profiles,
  servers,
  installations,
}: PaletteFacts): PaletteAction[] {
  const installed = installations.some((one) => one.engine === 'mlx-lm' && one.inUse);
  const actions: PaletteAction[] = [
    ...profiles.flatMap((profile) => profileActions(profile, servers[profile.id])),
    { id: 'new', label: 'New profile', group: 'Servers', shortcut: 'N' },
    ...SCREENS.map((name, index) => ({
      id: `go:${name.toLowerCase()}`,
      label: `Go to ${name}`,
      group: 'Window',
      shortcut: `${index + 1}`,
    })),
    installed
      ? { id: 'engine:update', label: 'Update mlx-lm', group: 'Engines' }
      : { id: 'engine:install', label: 'Install mlx-lm', group: 'Engines' },
    { id: 'stop-all', label: 'Stop all servers', group: 'Servers', ...noneActive(servers) },
    { id: 'models:rescan', label: 'Scan for models again', group: 'Models' },
    { id: 'theme:system', label: 'Appearance: as the system', group: 'Settings' },
    { id: 'theme:light', label: 'Appearance: light', group: 'Settings' },
    { id: 'theme:dark', label: 'Appearance: dark', group: 'Settings' },
  ];
  return [...actions.filter((a) => !a.reason), ...actions.filter((a) => a.reason)];
}

function profileActions({ id, name }: ServerProfile, server: Server | undefined): PaletteAction[] {
  const active = server !== undefined && isActive(server.state);
  const stopped = active ? {} : { reason: 'It is not running' };
  return [
    {
      id: `start:${id}`,
      label: `Start ${name}`,
      group: 'Servers',
      ...(active ? { reason: `It is ${server.state}` } : {}),
    },
    { id: `stop:${id}`, label: `Stop ${name}`, group: 'Servers', ...stopped },
    { id: `restart:${id}`, label: `Restart ${name}`, group: 'Servers', ...stopped },
    { id: `show:${id}`, label: `Show ${name}`, group: 'Servers' },
    { id: `logs:${id}`, label: `Logs of ${name}`, group: 'Servers' },
    { id: `edit:${id}`, label: `Settings of ${name}`, group: 'Servers' },
  ];
}

function noneActive(servers: PaletteFacts['servers']): { reason?: string } {
  return Object.values(servers).some((server) => isActive(server.state))
    ? {}
    : { reason: 'No server is running' };
}

/** The actions whose words all occur, in order of the list. */
export function filterActions(actions: readonly PaletteAction[], text: string): PaletteAction[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return actions.filter((action) => {
    const label = `${action.label} ${action.group}`.toLowerCase();
    return words.every((word) => label.includes(word));
  });
}
