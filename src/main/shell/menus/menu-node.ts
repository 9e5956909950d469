/**
 * What a menu item does. `page` is for the window, which is opened for it; its words are the command
 * palette's (`go:models`, `logs:ID`, `new`), so that a menu and the palette cannot differ.
 */
export type Command =
  | { readonly do: 'open' | 'quit' | 'stop-all' | 'check-for-update' | 'install-update' }
  | { readonly do: 'start' | 'stop' | 'restart'; readonly profileId: string }
  | { readonly do: 'pause-download' | 'resume-download'; readonly downloadId: string }
  | { readonly do: 'copy'; readonly text: string }
  | { readonly do: 'page'; readonly action: string }
  | { readonly do: 'link'; readonly link: LinkId };

/** Pages outside that the application may open: named here, built here, never taken from a view. */
export const LINKS = {
  documentation: 'https://github.com/mlx-manager/mlx-manager#readme',
  issues: 'https://github.com/mlx-manager/mlx-manager/issues',
} as const;
export type LinkId = keyof typeof LINKS;

/** Pictures in front of a tray item: one shape for each family of states. */
export type MenuGlyph = 'ready' | 'working' | 'warning' | 'broken' | 'off';

/** What the system gives by itself (Electron's names). */
export type MenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'close'
  | 'minimize'
  | 'zoom'
  | 'front'
  | 'togglefullscreen'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll';

/** A menu as data: tested as such, drawn by the shell. */
export type MenuNode =
  | { readonly type: 'separator' }
  | { readonly type: 'text'; readonly id: string; readonly label: string }
  | { readonly type: 'role'; readonly role: MenuRole; readonly label?: string }
  | {
      readonly type: 'item';
      readonly id: string;
      readonly label: string;
      readonly command: Command;
      readonly enabled?: boolean;
      readonly accelerator?: string;
    }
  | {
      readonly type: 'menu';
      readonly id: string;
      readonly label: string;
      readonly glyph?: MenuGlyph;
      /** A menu that the system fills or keeps in a special place. */
      readonly role?: 'window' | 'help';
      readonly items: readonly MenuNode[];
    };

export const SEPARATOR: MenuNode = { type: 'separator' };

/** A menu item. */
export function item(
  id: string,
  label: string,
  command: Command,
  extra: { enabled?: boolean; accelerator?: string } = {},
): MenuNode {
  return { type: 'item', id, label, command, ...extra };
}

/** Items that the application menu and the menu bar's have alike. */
export const OPEN = item(
  'open',
  'Open MLX Manager',
  { do: 'open' },
  { accelerator: 'CmdOrCtrl+O' },
);
export const SETTINGS = item(
  'settings',
  'Settings…',
  { do: 'page', action: 'go:settings' },
  { accelerator: 'CmdOrCtrl+,' },
);
export const QUIT = item(
  'quit',
  'Quit MLX Manager',
  { do: 'quit' },
  { accelerator: 'CmdOrCtrl+Q' },
);
