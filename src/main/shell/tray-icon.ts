import { join } from 'node:path';
import type { Command } from '@shell/menus/menu-node';
import type { TrayImage, TrayModel } from '@shell/menus/tray-model';
import { type Menu, nativeImage, type Rectangle, Tray } from 'electron';
import { nativeMenu } from './native-menu';
import { OpenMenu } from './open-menu';

/** With a fixed one the icon keeps the place that the person gave it. */
const TRAY_GUID = '9f4f0d3c-6c1b-4d0e-9b8e-6b7c6f3f2a11';

/** Not more often than this is the menu made anew, however fast servers change. */
const REDRAW_MS = 500;

interface TrayIconOptions {
  /** The folder with the template images. */
  readonly images: string;
  readonly run: (command: Command) => void;
}

/**
 * The menu-bar icon. It holds the newest model and draws it at most twice a second; while its menu is open
 * nothing is drawn, since macOS closes a menu that is replaced under the pointer.
 */
export class TrayIcon {
  readonly #options: TrayIconOptions;
  // Kept by a field: a Tray that is collected vanishes from the menu bar.
  readonly #tray: Tray;
  #menu: Menu | undefined;
  #drawn = '';
  #image: TrayImage = 'idle';
  #next: (() => TrayModel) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  readonly #open = new OpenMenu(() => {
    if (this.#next) this.show(this.#next);
  });

  constructor(options: TrayIconOptions) {
    this.#options = options;
    this.#tray = new Tray(this.#picture('idle'), TRAY_GUID);
    this.#tray.setToolTip('MLX Manager');
  }

  /** Where it is, to see whether the system shows it. */
  get bounds(): Rectangle {
    return this.#tray.getBounds();
  }

  /** `make` is called when it is drawn, so that a flood of changes costs nothing. */
  show(make: () => TrayModel): void {
    this.#next = make;
    if (this.#timer || this.#open.isOpen) return;
    const wait = this.#drawnAt + REDRAW_MS - performance.now();
    if (wait <= 0) this.#draw();
    else {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#draw();
      }, wait);
    }
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#open.close();
    this.#tray.destroy();
  }

  #draw(): void {
    if (!this.#next || this.#open.isOpen || this.#tray.isDestroyed()) return;
    const model = this.#next();
    const text = JSON.stringify(model);
    if (text === this.#drawn) return;
    this.#drawn = text;
    if (model.image !== this.#image) {
      this.#image = model.image;
      this.#tray.setImage(this.#picture(model.image));
    }
    this.#tray.setToolTip(model.tooltip);
    this.#menu = nativeMenu(model.items, this.#options);
    this.#open.watch(this.#menu);
    this.#tray.setContextMenu(this.#menu);
    // From its end on: drawing takes its time on a busy machine.
    this.#drawnAt = performance.now();
  }

  #picture(image: TrayImage) {
    const name = `tray${image.charAt(0).toUpperCase()}${image.slice(1)}Template.png`;
    const picture = nativeImage.createFromPath(join(this.#options.images, name));
    picture.setTemplateImage(true);
    return picture;
  }
}
