import { join } from 'node:path';
import type { Core } from '@core/core';
import type { Logger } from '@core/ports';
import { Background } from '@core/ports/background';
import type { Deadline } from '@core/ports/deadline';
import { appMenu } from '@shell/menus/app-menu';
import { reasonToStayAwake } from '@shell/awake';
import { deepLinkTarget } from '@shell/deep-link';
import { downloadedFraction } from '@shell/menus/download-menu';
import { type Command, LINKS } from '@shell/menus/menu-node';
import { notificationsBetween } from '@shell/notification-model';
import { trayModel } from '@shell/menus/tray-model';
import { isUnderWay } from '@shared/domain/download-state';
import { hasProcess } from '@shared/domain/server-state';
import { DomainError, messageOf } from '@shared/errors';
import type { LiveData } from '@shared/live/live-data';
import type { Client } from '@shared/rpc/client';
import { app, type BrowserWindow, clipboard, nativeTheme, powerMonitor, screen } from 'electron';
import { askAboutServers, say } from './ask';
import { Dock } from './dock';
import { isInDock } from './dock-place';
import type { QuitAnswer } from './exit-hooks';
import { IpcTransport } from './ipc-transport';
import type { LinkInbox } from './link-inbox';
import { followCore, type Live } from './live';
import { MainWindow } from './main-window';
import { MenuBar } from './menu-bar';
import { Notifier } from './notifier';
import type { SecondStart } from './preboot';
import { openExternalLink } from './security';
import type { ShellStore } from './shell-store';
import { StayAwake } from './stay-awake';
import { TrayIcon } from './tray-icon';
import { isTrayReachable } from './tray-place';

interface UiOptions {
  readonly logger: Logger;
  /** The folder of what ships beside the program. */
  readonly resources: string;
  readonly preload: string;
  readonly store: ShellStore;
}

interface Beginning {
  /** No window now. */
  readonly hidden: boolean;
  readonly atLogin: boolean;
  readonly links: LinkInbox;
}

/** What the application menu shows; measurements come every few seconds and are not part of it. */
const MENU_FACTS = [
  'profiles',
  'servers',
  'installations',
  'downloads',
  'settings',
  'desktop',
] as const;

/** After this the system has given the menu-bar icon its place. */
const TRAY_PLACED_MS = 2000;

const GOES_ON =
  'MLX Manager is in the menu bar. If its icon is hidden, open MLX Manager from Applications or Spotlight, or keep it in the Dock (Settings, Dock icon).';

/** Everything that a person sees: window, menu-bar icon, menus, Dock, notifications, drawn from one state. */
export class Ui {
  readonly #options: UiOptions;
  /** What the pages talk to, once it has started. */
  readonly #core = Promise.withResolvers<Core>();
  readonly #ipc: IpcTransport;
  readonly #window: MainWindow;
  readonly #tray: TrayIcon;
  readonly #menu: MenuBar;
  readonly #dock: Dock;
  readonly #background: Background;
  readonly #awake: StayAwake;
  readonly #notifier: Notifier;
  #live: Live | undefined;
  #trayReachable = true;
  #beginning: Beginning | undefined;

  constructor(options: UiOptions) {
    const { logger, preload, resources, store } = options;
    this.#options = options;
    this.#dock = new Dock(logger.child('dock'));
    this.#background = new Background(logger.child('shell'));
    const run = (command: Command): void => this.#run(command);
    this.#window = new MainWindow({
      preload,
      store,
      logger: logger.child('window'),
      onOpen: (isOpen) => this.#onOpen(isOpen),
    });
    this.#ipc = new IpcTransport({
      endpoint: this.#core.promise,
      isOurWindow: (contents) => this.#window.owns(contents),
      logger: logger.child('ipc'),
    });
    this.#menu = new MenuBar(run);
    this.#tray = new TrayIcon({ images: join(resources, 'tray'), run });
    this.#awake = new StayAwake(logger.child('power'));
    this.#notifier = new Notifier(logger.child('notifications'), (action) =>
      this.#window.run(action),
    );
    this.#menu.show(appMenu(undefined));
    this.#tray.show(() => trayModel(this.data));
    this.#hearSystem();
  }

  get data(): LiveData | undefined {
    return this.#live?.data;
  }

  /** Shows the window and gives it, for a question; undefined when the application ends. */
  readonly showWindow = (): BrowserWindow | undefined => this.#window.show();

  /** Opens the window, unless nobody asked for one. There is nothing in it yet but that the manager starts. */
  open(beginning: Beginning): void {
    this.#beginning = beginning;
    const { hidden, links } = beginning;
    if (!hidden && !links.hasWaiting) this.#window.show();
    links.listen((link) => this.#follow(link));
    this.#followDock();
    setTimeout(() => this.#lookForTray(), TRAY_PLACED_MS).unref();
  }

  /** Shows what the core tells, from now on. It has started. */
  follow(core: Core): void {
    const { logger } = this.#options;
    this.#live = followCore(core, logger.child('shell'), (before, after) =>
      this.#onChange(before, after),
    );
    this.#live.start();
    this.#core.resolve(core);
    powerMonitor.on('resume', () => core.resumed());
  }

  /** Asks only where the person wants to be asked, and only when something runs. */
  async askBeforeQuit(): Promise<QuitAnswer> {
    const { data } = this;
    const running = Object.values(data?.servers ?? {}).filter(({ state }) => hasProcess(state));
    if (data?.settings.onQuit !== 'ask' || running.length === 0) return { servers: undefined };
    const downloads = data.downloads.filter(({ state }) => isUnderWay(state)).length;
    const servers = await askAboutServers(
      this.showWindow,
      running.map(({ name }) => name),
      downloads,
    );
    return servers === undefined ? 'cancel' : { servers };
  }

  /** An update is put in place: for that every window is closed. */
  letWindowClose(): void {
    this.#window.letClose();
  }

  async close(deadline: Deadline): Promise<void> {
    await this.#background.stop(deadline);
    this.#live?.close();
    this.#ipc.close();
    this.#awake.follow(undefined);
    this.#notifier.close();
    this.#window.quit();
    this.#menu.close();
    this.#tray.destroy();
    this.#dock.close();
  }

  #onChange(before: LiveData | undefined, after: LiveData): void {
    this.#tray.show(() => trayModel(after));
    if (!before || MENU_FACTS.some((fact) => before[fact] !== after[fact]))
      this.#menu.show(appMenu(after));
    this.#awake.follow(reasonToStayAwake(after));
    this.#window.showProgress(downloadedFraction(after.downloads));
    if (before?.settings !== after.settings) this.#applySettings(before, after);
    if (before && !this.#window.isFocused) {
      for (const notification of notificationsBetween(before, after)) {
        this.#notifier.show(notification);
      }
    }
  }

  #applySettings(before: LiveData | undefined, { settings }: LiveData): void {
    nativeTheme.themeSource = settings.appearance;
    this.#followDock();
    // Known only now, since the settings are read after the window could have been opened.
    const begin = this.#beginning;
    if (!before && begin?.atLogin && settings.showWindowAtLogin) this.#window.show();
  }

  #hearSystem(): void {
    const { logger } = this.#options;
    app.on('activate', () => this.#window.show());
    app.on('second-instance', (_event, _argv, _folder, start) => this.#onSecondStart(start));
    powerMonitor.on('suspend', () => logger.info('The machine goes to sleep'));
    screen.on('display-removed', () => this.#lookForTray());
    screen.on('display-added', () => this.#lookForTray());
    // The menu of the program in front pushes the icons aside.
    app.on('did-become-active', () => this.#lookForTray());
    app.on('did-resign-active', () => this.#lookForTray());
  }

  #onSecondStart(start: unknown): void {
    const { hidden, link } = (start ?? {}) as Partial<SecondStart>;
    if (typeof link === 'string') this.#follow(link);
    else if (hidden !== true) this.#window.show();
  }

  /** A link from anywhere: it may show a screen, and nothing else. */
  #follow(link: string): void {
    const target = deepLinkTarget(link);
    if (target === undefined) {
      this.#options.logger.warn('A link leads nowhere', { link: link.slice(0, 200) });
      this.#window.show();
    } else this.#window.run(`href:${target}`);
  }

  #run(command: Command): void {
    switch (command.do) {
      case 'open':
        this.#window.show();
        break;
      case 'page':
        this.#window.run(command.action);
        break;
      case 'quit':
        app.quit();
        break;
      case 'copy':
        this.#attempt(() => clipboard.writeText(command.text));
        break;
      case 'link':
        openExternalLink(LINKS[command.link], this.#options.logger);
        break;
      case 'start':
        this.#attempt((client) => this.#start(client, command.profileId));
        break;
      case 'stop':
      case 'restart':
        this.#attempt((client) =>
          client.call(`servers.${command.do}`, { profileId: command.profileId }),
        );
        break;
      case 'pause-download':
        this.#attempt((client) =>
          client.call('downloads.pause', { downloadId: command.downloadId }),
        );
        break;
      case 'resume-download':
        this.#attempt((client) =>
          client.call('downloads.resume', { downloadId: command.downloadId }),
        );
        break;
      case 'stop-all':
        this.#attempt((client) => client.call('servers.stopAll'));
        break;
      case 'check-for-update':
        this.#attempt((client) => this.#checkForUpdate(client));
        break;
      case 'install-update':
        this.#attempt((client) => client.call('desktop.installUpdate'));
        break;
    }
  }

  /** One that does not fit is shown where room can be made for it. */
  async #start(client: Client, profileId: string): Promise<void> {
    try {
      await client.call('servers.start', { profileId });
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'does_not_fit') throw error;
      this.#window.run(`show:${profileId}`);
    }
  }

  /** What a menu asked for and was refused is said: a menu has no place for it. */
  #attempt(work: (client: Client) => Promise<unknown>): void {
    const attempt = async (): Promise<unknown> => {
      if (!this.#live) throw new DomainError('conflict', 'MLX Manager is still starting.');
      return work(this.#live.client);
    };
    attempt().catch((error: unknown) => {
      const message = messageOf(error);
      this.#options.logger.warn('A menu item was refused', { message });
      this.#background.run('say that a menu item was refused', (signal) =>
        say(this.showWindow, { type: 'warning', message, signal }),
      );
    });
  }

  /** Asked for by hand, so the answer is told, whatever it is. */
  async #checkForUpdate(client: Client): Promise<void> {
    const { update } = await client.call('desktop.checkForUpdate');
    if (update.state === 'current') {
      const message = 'MLX Manager is up to date.';
      await say(this.showWindow, { type: 'info', message });
    } else if (update.state === 'failed') throw new Error(update.message);
  }

  #onOpen(isOpen: boolean): void {
    this.#lookForTray();
    this.#followDock();
    if (isOpen) return;
    const { store } = this.#options;
    if (store.get('toldAboutMenuBar')) return;
    const told = { title: 'MLX Manager is still running', body: GOES_ON, action: 'go:settings' };
    this.#notifier.show(told, () => store.set('toldAboutMenuBar', true));
  }

  /** Where the system shows no menu-bar icon, the Dock keeps the application within reach. */
  #lookForTray(): void {
    const reachable = isTrayReachable(this.#tray.bounds, screen.getAllDisplays());
    if (reachable === this.#trayReachable) return;
    this.#trayReachable = reachable;
    this.#options.logger.info(
      reachable
        ? 'The menu-bar icon is shown'
        : 'The system hides the menu-bar icon; the Dock stays',
    );
    this.#followDock();
  }

  #followDock(): void {
    this.#dock.follow(
      isInDock({
        setting: this.data?.settings.dockIcon ?? 'window',
        windowOpen: this.#window.isOpen,
        trayReachable: this.#trayReachable,
      }),
    );
  }
}
