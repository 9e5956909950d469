import type { Command, MenuNode } from '@shell/menus/menu-node';
import { Menu } from 'electron';
import { nativeMenu } from './native-menu';
import { OpenMenu } from './open-menu';

/**
 * The application menu. Made anew only when it would look different, since the system builds the whole bar each time,
 * and never while one of its menus is open.
 */
export class MenuBar {
  readonly #run: (command: Command) => void;
  readonly #open = new OpenMenu(() => this.#draw());
  #nodes: readonly MenuNode[] = [];
  #drawn = '';

  constructor(run: (command: Command) => void) {
    this.#run = run;
  }

  show(nodes: readonly MenuNode[]): void {
    this.#nodes = nodes;
    this.#draw();
  }

  close(): void {
    this.#open.close();
  }

  #draw(): void {
    const text = JSON.stringify(this.#nodes);
    if (this.#open.isOpen || text === this.#drawn) return;
    this.#drawn = text;
    const menu = nativeMenu(this.#nodes, { run: this.#run });
    this.#open.watch(menu);
    Menu.setApplicationMenu(menu);
  }
}
