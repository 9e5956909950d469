import { copyText } from '@renderer/components/CopyButton';
import type { MenuItem } from '@renderer/components/Menu';
import { isMac } from '@renderer/components/platform';
import { useLive } from '@renderer/live/use-live';
import { navigate, routeHref } from '@renderer/routing/route';
import type { ServerProfile } from '@shared/domain/profile';
import type { Server } from '@shared/domain/server';
import { isActive } from '@shared/domain/server-state';
import { useServerActions } from './server-actions';
import { useEndpoint } from './use-endpoint';
import { useReorder } from './use-reorder';

type Items = readonly (MenuItem | 'separator')[];

export interface ProfileMenu {
  /** What starts and stops its server, which the detail has buttons for. */
  readonly run: Items;
  /** Everything else. */
  readonly more: Items;
}

/** What can be done with one profile, for every menu that offers it. */
export function useProfileMenu(
  profile: ServerProfile,
  server: Server,
  onDelete: () => void,
): ProfileMenu {
  const actions = useServerActions();
  const { move } = useReorder();
  const ids = useLive((data) => data.profiles.map((one) => one.id));
  const { address } = useEndpoint(server);
  const { id } = profile;
  const stopping = server.state === 'stopping' && 'Stopping…';
  const run: Items = isActive(server.state)
    ? [
        { label: 'Stop', writes: true, reason: stopping, onSelect: () => void actions.stop(id) },
        {
          label: 'Restart',
          writes: true,
          reason: stopping,
          onSelect: () => void actions.restart(id),
        },
      ]
    : [{ label: 'Start', writes: true, onSelect: () => void actions.start(id) }];
  const more: Items = [
    { label: 'Edit', onSelect: () => navigate(routeHref('servers', [id, 'settings'])) },
    { label: 'Duplicate', writes: true, onSelect: () => void actions.duplicate(id) },
    {
      label: 'Copy address',
      onSelect: () => void copyText(address),
    },
    { label: 'Show logs', onSelect: () => navigate(routeHref('servers', [id, 'logs'])) },
    'separator',
    {
      label: 'Move up',
      writes: true,
      shortcut: isMac() ? '⌥↑' : 'Alt+↑',
      reason: ids[0] === id && 'Already first',
      onSelect: () => void move(id, -1),
    },
    {
      label: 'Move down',
      writes: true,
      shortcut: isMac() ? '⌥↓' : 'Alt+↓',
      reason: ids.at(-1) === id && 'Already last',
      onSelect: () => void move(id, 1),
    },
    'separator',
    { label: 'Delete…', danger: true, writes: true, onSelect: onDelete },
  ];
  return { run, more };
}
