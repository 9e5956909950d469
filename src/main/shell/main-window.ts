import type { Logger } from '@core/ports';
import { app, BrowserWindow, nativeTheme, screen, type WebContents } from 'electron';
import { CHANNELS } from './channels';
import { APP_URL } from './our-url';
import { placeWindow, SMALLEST } from './place-window';
import type { ShellStore } from './shell-store';
import { offerTextMenu } from './text-menu';

interface MainWindowOptions {
  readonly preload: string;
  readonly store: ShellStore;
  readonly logger: Logger;
  /** Told when the person has it open, and when they have closed it. */
  readonly onOpen: (isOpen: boolean) => void;
}

/** A page that dies again this soon after it was loaded anew is left as it is. */
const RELOAD_PAUSE_MS = 10_000;
/** Takes the bar away (docs/api/browser-window: any value below 0). */
const NO_PROGRESS = -1;
/** What is shown before the page has drawn (the window's background in the style sheet). */
const BACKGROUND = { light: '#FFFFFF', dark: '#1C1C1E' } as const;

/**
 * The one window. Closing hides it, so that opening it again is immediate; it is made when it is first asked
 * for, since a start at login needs none.
 */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;
  #isOpen = false;
  #isQuitting = false;
  #pending: string[] = [];
  #isLoaded = false;
  #reloadedAt = Number.NEGATIVE_INFINITY;
  #progress = NO_PROGRESS;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** Whether a person sees it now, and it has the keyboard. */
  get isFocused(): boolean {
    return this.#window?.isFocused() ?? false;
  }

  /**
   * Whether the person has it open: minimised, covered, on another Space or hidden with the application it is so
   * still. `isVisible` and the events `show` and `hide` tell of being seen instead (Electron,
   * shell/browser/ui/cocoa/electron_ns_window_delegate.mm, windowDidChangeOcclusionState).
   */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  owns(contents: WebContents): boolean {
    return this.#window?.webContents === contents;
  }

  /** Makes it or brings it to the front. Undefined when the application ends. */
  show(): BrowserWindow | undefined {
    if (this.#isQuitting) return undefined;
    const window = this.#window ?? this.#create();
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    // On macOS a program without a Dock icon does not come to the front by itself.
    app.focus({ steal: true });
    this.#setOpen(true);
    return window;
  }

  /** Shows the window and does an action of the command palette there, as soon as the page listens. */
  run(action: string): void {
    this.show();
    if (this.#isLoaded) this.#window?.webContents.send(CHANNELS.command, action);
    else this.#pending.push(action);
  }

  /** How far work is, 0 to 1, on the icon in the Dock or the task bar; undefined: no bar. */
  showProgress(fraction: number | undefined): void {
    const shown = fraction === undefined ? NO_PROGRESS : Math.floor(fraction * 100) / 100;
    if (shown === this.#progress) return;
    this.#progress = shown;
    this.#window?.setProgressBar(shown);
  }

  /** From now on closing closes: an update is put in place when every window is closed. */
  letClose(): void {
    this.#isQuitting = true;
  }

  /** Ends it. */
  quit(): void {
    this.letClose();
    if (this.#window) this.#remember(this.#window);
    this.#window?.destroy();
    this.#window = undefined;
  }

  #create(): BrowserWindow {
    const { preload, store } = this.#options;
    const saved = store.get('window');
    const place = placeWindow(
      saved,
      screen.getAllDisplays().map((display) => display.workArea),
    );
    const window = new BrowserWindow({
      ...place,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'MLX Manager',
      // A `false` would forbid full screen for ever (docs/api/structures/base-window-options).
      ...(saved?.fullScreen ? { fullscreen: true } : {}),
      titleBarStyle: 'hiddenInset',
      trafficLightPosition: { x: 20, y: 20 },
      backgroundColor: BACKGROUND[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        spellcheck: false,
      },
    });
    this.#window = window;
    if (this.#progress !== NO_PROGRESS) window.setProgressBar(this.#progress);
    window.on('close', (event) => {
      this.#remember(window);
      if (this.#isQuitting) return;
      event.preventDefault();
      this.#hide(window);
    });
    window.on('closed', () => {
      this.#window = undefined;
      this.#isLoaded = false;
      this.#setOpen(false);
    });
    offerTextMenu(window, this.#options.logger);
    const { webContents } = window;
    webContents.on('did-start-navigation', (details) => {
      if (details.isMainFrame && !details.isSameDocument) this.#isLoaded = false;
    });
    webContents.on('did-finish-load', () => {
      this.#isLoaded = true;
      for (const action of this.#pending.splice(0)) webContents.send(CHANNELS.command, action);
    });
    webContents.on('render-process-gone', (_event, details) => this.#revive(details.reason));
    window.loadURL(APP_URL).catch((error: unknown) => {
      this.#options.logger.error('The window could not be loaded', { error: String(error) });
    });
    return window;
  }

  /** A window in full screen leaves an empty black space behind when it is hidden: it leaves that first. */
  #hide(window: BrowserWindow): void {
    this.#setOpen(false);
    if (!window.isFullScreen()) {
      window.hide();
      return;
    }
    window.once('leave-full-screen', () => window.hide());
    window.setFullScreen(false);
  }

  #setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    // A window that goes with the application is not closed by the person.
    if (this.#isQuitting) return;
    this.#options.onOpen(isOpen);
  }

  #remember(window: BrowserWindow): void {
    const fullScreen = window.isFullScreen();
    this.#options.store.set('window', { ...window.getNormalBounds(), fullScreen });
  }

  /** The page's process has died; servers and downloads do not live there. */
  #revive(reason: string): void {
    const { logger } = this.#options;
    if (reason === 'clean-exit' || this.#isQuitting) return;
    const now = performance.now();
    const isSoon = now - this.#reloadedAt < RELOAD_PAUSE_MS;
    this.#reloadedAt = now;
    this.#isLoaded = false;
    if (isSoon) {
      logger.error('The page ended twice in a short time; it is loaded when the window is opened', {
        reason,
      });
      this.#window?.destroy();
      return;
    }
    logger.error('The page ended and is loaded again', { reason });
    this.#window?.webContents.reload();
  }
}
