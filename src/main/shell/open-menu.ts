import type { Menu } from 'electron';

/**
 * After the end of a menu, how long it is kept: macOS closes it before it tells which item was clicked, and a menu that
 * was replaced meanwhile loses the click (Electron, shell/browser/ui/cocoa/electron_menu_controller.mm, menuDidClose).
 */
const CLICK_MS = 100;

/**
 * Whether a menu is open, so that it is not replaced under the pointer: macOS would close it, and its click would be
 * lost.
 */
export class OpenMenu {
  readonly #onClosed: () => void;
  #closing: NodeJS.Timeout | undefined;
  #isOpen = false;

  /** @param onClosed told when what was put off can be done. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  watch(menu: Menu): void {
    menu.on('menu-will-show', () => {
      clearTimeout(this.#closing);
      this.#isOpen = true;
    });
    menu.on('menu-will-close', () => {
      clearTimeout(this.#closing);
      this.#closing = setTimeout(() => {
        this.#isOpen = false;
        this.#onClosed();
      }, CLICK_MS);
    });
  }

  close(): void {
    clearTimeout(this.#closing);
  }
}
