import { isUnderWay } from '@shared/domain/download-state';
import { INSTALLABLE_IDS } from '@shared/domain/engine-ids';
import { isActive } from '@shared/domain/server-state';
import { SCREENS } from '@shared/domain/screens';
import type { LiveData } from '@shared/live/live-data';
import { downloadControls } from './download-menu';
import { gatewayMenu } from './gateway-menu';
import { item, type MenuNode, OPEN, QUIT, SEPARATOR, SETTINGS } from './menu-node';
import { menuText } from './menu-text';

/** Profiles with items of their own in the Servers menu; the others are in the window. */
const MOST_PROFILES = 20;

const title = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/**
 * The application menu: every action of the command palette has a place here, with its shortcut. Without it
 * even Cmd-C and Cmd-Q would do nothing on macOS. `data` is undefined until the manager has told what is true.
 */
export function appMenu(data: LiveData | undefined): MenuNode[] {
  return [
    {
      type: 'menu',
      id: 'app',
      label: 'MLX Manager',
      items: [
        { type: 'role', role: 'about' },
        ...updateNode(data),
        SEPARATOR,
        SETTINGS,
        SEPARATOR,
        { type: 'role', role: 'services' },
        SEPARATOR,
        { type: 'role', role: 'hide' },
        { type: 'role', role: 'hideOthers' },
        { type: 'role', role: 'unhide' },
        SEPARATOR,
        QUIT,
      ],
    },
    {
      type: 'menu',
      id: 'file',
      label: 'File',
      items: [
        item('new', 'New Profile', { do: 'page', action: 'new' }, { accelerator: 'CmdOrCtrl+N' }),
        OPEN,
        SEPARATOR,
        { type: 'role', role: 'close' },
      ],
    },
    {
      type: 'menu',
      id: 'edit',
      label: 'Edit',
      items: [
        { type: 'role', role: 'undo' },
        { type: 'role', role: 'redo' },
        SEPARATOR,
        { type: 'role', role: 'cut' },
        { type: 'role', role: 'copy' },
        { type: 'role', role: 'paste' },
        { type: 'role', role: 'selectAll' },
        SEPARATOR,
        item('find', 'Find', { do: 'page', action: 'find' }, { accelerator: 'CmdOrCtrl+F' }),
      ],
    },
    { type: 'menu', id: 'view', label: 'View', items: viewItems(data) },
    { type: 'menu', id: 'servers', label: 'Servers', items: serverItems(data) },
    { type: 'menu', id: 'models', label: 'Models', items: modelItems(data) },
    gatewayMenu(data?.gateway),
    { type: 'menu', id: 'engines', label: 'Engines', items: engineItems(data) },
    {
      type: 'menu',
      id: 'window',
      label: 'Window',
      role: 'window',
      items: [
        { type: 'role', role: 'minimize' },
        { type: 'role', role: 'zoom' },
        SEPARATOR,
        { type: 'role', role: 'front' },
      ],
    },
    {
      type: 'menu',
      id: 'help',
      label: 'Help',
      role: 'help',
      items: [
        item('documentation', 'MLX Manager Help', { do: 'link', link: 'documentation' }),
        item('issues', 'Report a Problem', { do: 'link', link: 'issues' }),
      ],
    },
  ];
}

function updateNode(data: LiveData | undefined): MenuNode[] {
  const update = data?.desktop?.update;
  if (update?.state === 'ready') {
    return [item('update', `Restart to Update to ${update.version}`, { do: 'install-update' })];
  }
  const enabled = update !== undefined && ['current', 'failed'].includes(update.state);
  return [item('check', 'Check for Updates…', { do: 'check-for-update' }, { enabled })];
}

function viewItems(data: LiveData | undefined): MenuNode[] {
  const now = data?.settings.appearance;
  return [
    ...SCREENS.map((screen, index) =>
      item(
        `go:${screen}`,
        title(screen),
        { do: 'page', action: `go:${screen}` },
        { accelerator: `CmdOrCtrl+${index + 1}` },
      ),
    ),
    SEPARATOR,
    item(
      'palette',
      'Command Palette…',
      { do: 'page', action: 'palette' },
      { accelerator: 'CmdOrCtrl+K' },
    ),
    SEPARATOR,
    {
      type: 'menu',
      id: 'appearance',
      label: 'Appearance',
      items: (['system', 'light', 'dark'] as const).map((theme) =>
        item(
          `theme:${theme}`,
          theme === 'system' ? 'Match System' : title(theme),
          { do: 'page', action: `theme:${theme}` },
          { enabled: theme !== now },
        ),
      ),
    },
    SEPARATOR,
    { type: 'role', role: 'resetZoom' },
    { type: 'role', role: 'zoomIn' },
    { type: 'role', role: 'zoomOut' },
    SEPARATOR,
    { type: 'role', role: 'togglefullscreen' },
  ];
}

function serverItems(data: LiveData | undefined): MenuNode[] {
  const profiles = data?.profiles ?? [];
  const running = Object.values(data?.servers ?? {}).some(({ state }) => isActive(state));
  return [
    item(
      'restart',
      'Restart Server',
      { do: 'page', action: 'restart' },
      { accelerator: 'CmdOrCtrl+R', enabled: profiles.length > 0 },
    ),
    item(
      'stop',
      'Stop Server',
      { do: 'page', action: 'stop' },
      { accelerator: 'CmdOrCtrl+.', enabled: profiles.length > 0 },
    ),
    SEPARATOR,
    item('stop-all', 'Stop All Servers', { do: 'stop-all' }, { enabled: running }),
    ...(profiles.length > 0 ? [SEPARATOR] : []),
    ...profiles.slice(0, MOST_PROFILES).map(({ id, name }): MenuNode => {
      const server = data?.servers[id];
      const active = isActive(server?.state ?? 'stopped');
      return {
        type: 'menu',
        id: `server:${id}`,
        label: menuText(name),
        items: [
          item(`start:${id}`, 'Start', { do: 'start', profileId: id }, { enabled: !active }),
          item(`stop:${id}`, 'Stop', { do: 'stop', profileId: id }, { enabled: active }),
          item(`restart:${id}`, 'Restart', { do: 'restart', profileId: id }, { enabled: active }),
          ...(server?.refusal
            ? [item(`make-room:${id}`, 'Make Room…', { do: 'page', action: `make-room:${id}` })]
            : []),
          SEPARATOR,
          item(`show:${id}`, 'Show', { do: 'page', action: `show:${id}` }),
          item(`logs:${id}`, 'Logs', { do: 'page', action: `logs:${id}` }),
          item(`edit:${id}`, 'Settings', { do: 'page', action: `edit:${id}` }),
          SEPARATOR,
          item(
            `test:${id}`,
            'Send Test Request',
            { do: 'page', action: `test:${id}` },
            { enabled: server?.state === 'ready' },
          ),
          item(`copy-address:${id}`, 'Copy Address', { do: 'page', action: `copy-address:${id}` }),
          item(`duplicate:${id}`, 'Duplicate', { do: 'page', action: `duplicate:${id}` }),
          item(`delete-profile:${id}`, 'Delete…', { do: 'page', action: `delete-profile:${id}` }),
        ],
      };
    }),
  ];
}

function engineItems(data: LiveData | undefined): MenuNode[] {
  return INSTALLABLE_IDS.flatMap((engine) => {
    const own = (data?.installations ?? []).filter((one) => one.engine === engine);
    const page = (verb: string, words: string, enabled = true): MenuNode =>
      item(
        `${verb}:${engine}`,
        `${words} ${engine}`,
        { do: 'page', action: `${verb}:${engine}` },
        { enabled },
      );
    if (!own.some(({ inUse }) => inUse)) return [page('engine-install', 'Install')];
    const hasOther = own.some(({ inUse, state }) => !inUse && state === 'ready');
    return [page('engine-update', 'Update'), page('engine-rollback', 'Roll Back', hasOther)];
  });
}

function modelItems(data: LiveData | undefined): MenuNode[] {
  const downloads = data?.downloads ?? [];
  const each = downloadControls(downloads);
  const page = (action: string, label: string, enabled = true): MenuNode =>
    item(action, label, { do: 'page', action }, { enabled });
  return [
    page('search:models', 'Search for Models…'),
    page('models:rescan', 'Scan for Models Again'),
    page('add-folder', 'Add Models Folder…'),
    SEPARATOR,
    page(
      'downloads:pause',
      'Pause All Downloads',
      downloads.some(({ state }) => isUnderWay(state)),
    ),
    page(
      'downloads:resume',
      'Resume All Downloads',
      downloads.some(({ state }) => state === 'paused'),
    ),
    ...(each.length > 0 ? [SEPARATOR, ...each] : []),
    SEPARATOR,
    page('hub:token', 'Hugging Face Token…'),
  ];
}
