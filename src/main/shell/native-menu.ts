import type { Command, MenuNode } from '@shell/menus/menu-node';
import { Menu, type MenuItemConstructorOptions, nativeImage } from 'electron';
import { join } from 'node:path';

interface Drawing {
  readonly run: (command: Command) => void;
  /** The folder with the pictures in front of items; without it there are none. */
  readonly images?: string;
}

/** Makes the system's menu of ours. */
export function nativeMenu(nodes: readonly MenuNode[], drawing: Drawing): Menu {
  return Menu.buildFromTemplate(nodes.map((node) => template(node, drawing)));
}

function template(node: MenuNode, drawing: Drawing): MenuItemConstructorOptions {
  switch (node.type) {
    case 'separator':
      return { type: 'separator' };
    case 'text':
      return { id: node.id, label: node.label, enabled: false };
    case 'role':
      return { role: node.role, ...(node.label ? { label: node.label } : {}) };
    case 'item':
      return {
        id: node.id,
        label: node.label,
        enabled: node.enabled ?? true,
        ...(node.accelerator ? { accelerator: node.accelerator } : {}),
        click: () => drawing.run(node.command),
      };
    case 'menu':
      return {
        id: node.id,
        label: node.label,
        ...(node.role ? { role: node.role } : {}),
        ...picture(node.glyph, drawing.images),
        submenu: node.items.map((inner) => template(inner, drawing)),
      };
  }
}

function picture(name: string | undefined, folder: string | undefined) {
  if (!name || !folder) return {};
  const icon = nativeImage.createFromPath(join(folder, `${name}Template.png`));
  if (icon.isEmpty()) return {};
  icon.setTemplateImage(true);
  return { icon };
}
