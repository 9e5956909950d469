import type { Logger } from '@core/ports';
import { contextMenu, type ContextItem } from '@shell/menus/context-menu';
import {
  app,
  type BrowserWindow,
  clipboard,
  Menu,
  type MenuItemConstructorOptions,
  type WebContents,
} from 'electron';

/** Gives a window's text, fields and links the menu that a right click shows everywhere on this system. */
export function offerTextMenu(window: BrowserWindow, logger: Logger): void {
  const { webContents } = window;
  webContents.on('context-menu', (_event, params) => {
    const items = contextMenu(params, app.dock !== undefined);
    if (items.length === 0) return;
    const template = items.map((item) => templateOf(item, webContents, logger));
    Menu.buildFromTemplate(template).popup({ window });
  });
}

function templateOf(
  item: ContextItem,
  contents: WebContents,
  logger: Logger,
): MenuItemConstructorOptions {
  switch (item.type) {
    case 'separator':
      return { type: 'separator' };
    case 'role':
      return { id: item.role, role: item.role, enabled: item.enabled };
    case 'look-up':
      return {
        id: 'look-up',
        label: item.label,
        click: () => contents.showDefinitionForSelection(),
      };
    case 'copy-link':
      return {
        id: 'copy-link',
        label: item.label,
        click: () => {
          clipboard.writeText(item.url).catch((error: unknown) => {
            logger.warn('The link was not copied', { error: String(error) });
          });
        },
      };
  }
}
