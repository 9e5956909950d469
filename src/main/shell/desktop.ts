import { join } from 'node:path';
import { type Core, createCore } from '@core/core';
import type { Logger, Paths, GatewayChoice } from '@core/ports';
import type { HomeLock } from '@core/storage/home-lock';
import type { FileLogger } from '@host/file-logger';
import { createDocumentStore } from '@host/document-store';
import { createHostPorts, managerLogPath, openManagerLog } from '@host/host-ports';
import { LocalSocketServer } from '@host/local-socket';
import { prepareHome } from '@host/paths';
import { Quit } from '@host/quit';
import { KEYCHAIN_DOCUMENT } from '@host/file-vault';
import { PLACES } from '@host/resources';
import { readSystemProxy } from '@host/system-proxy';
import { DomainError, messageOf } from '@shared/errors';
import { app, dialog } from 'electron';
import { serveApp } from './app-protocol';
import { askToTakeOver } from './ask';
import { DesktopHost } from './desktop-host';
import { type Exit, installExitHooks } from './exit-hooks';
import { lateLogger } from './late-logger';
import type { LinkInbox } from './link-inbox';
import { resolveEnvironment } from './last-environment';
import { readLoginEnvironment } from './login-environment';
import { wasOpenedAtLogin } from './login-item';
import { offerToMove } from './moving';
import { secureEverything } from './security';
import { openShellStore } from './shell-store';
import { lockOrTakeOver } from './take-over';
import { Ui } from './ui';
import { createVault } from './vault';

/** What was decided before Electron was ready. */
export interface DesktopStart {
  readonly paths: Paths;
  /** No window now. */
  readonly hidden: boolean;
  readonly links: LinkInbox;
  /** The folder of what was built. */
  readonly dist: string;
  /** What this start says of the gateway. */
  readonly gateway: GatewayChoice;
}

/** What runs, to be taken down in reverse. */
interface Running {
  readonly core: Core;
  readonly desktop: DesktopHost;
  readonly socket: LocalSocketServer;
}

/**
 * The desktop application from the moment that it is the only one of its kind until it has ended: the same core
 * as everywhere, with a window, a menu-bar icon and the system's services around it. The window is there at once; the
 * person's shell and the core take their time behind it.
 */
export async function runDesktop(start: DesktopStart): Promise<void> {
  const { paths } = start;
  let log: FileLogger | undefined;
  const quit = new Quit(() => log, managerLogPath(paths));
  const exit = installExitHooks(quit);
  const logger = lateLogger(() => log);
  let ui: Ui | undefined;
  let lock: HomeLock | undefined;
  try {
    await prepareHome(paths);
    await app.whenReady();
    const openedAtLogin = wasOpenedAtLogin();
    ui = openUi(start, openedAtLogin, logger);
    exit.setUpdateListener(() => ui?.letWindowClose());
    lock = await unlessQuit(quit, takePlace(paths, ui, logger));
    if (lock) {
      log = openManagerLog(paths, process.env, (line) => console.error(line));
      await serve(start, { ui, logger, quit, exit, openedAtLogin });
    }
  } catch (error) {
    sayWhy(error, logger);
    exit.code = 1;
  } finally {
    await ui?.close(quit.coreDeadline);
    logger.info('Ended');
    await lock?.release();
    exit.end();
  }
}

/** Everything that can be shown before the core has started. */
function openUi(
  { dist, paths, hidden, links }: DesktopStart,
  openedAtLogin: boolean,
  logger: Logger,
): Ui {
  secureEverything(logger.child('security'));
  serveApp(join(dist, 'renderer'));
  const ui = new Ui({
    logger,
    resources: resourcesFolder(),
    preload: join(dist, 'preload', 'preload.cjs'),
    store: openShellStore(paths.home),
  });
  ui.open({ hidden: hidden || openedAtLogin, atLogin: openedAtLogin, links });
  return ui;
}

/** The data folder for this application alone; undefined when it is to end without having begun. */
async function takePlace(paths: Paths, ui: Ui, logger: Logger): Promise<HomeLock | undefined> {
  if (await offerToMove(ui.showWindow, logger)) return undefined;
  return lockOrTakeOver({
    paths,
    ask: (other, sentence) => askToTakeOver(ui.showWindow, other, sentence),
  });
}

/** What the work gives, or undefined when somebody quits meanwhile: a question may stay unanswered for ever. */
function unlessQuit<T>(quit: Quit, work: Promise<T | undefined>): Promise<T | undefined> {
  return Promise.race([work, quit.requested.then(() => undefined)]);
}

interface Serving {
  readonly ui: Ui;
  readonly logger: Logger;
  readonly quit: Quit;
  readonly exit: Exit;
  readonly openedAtLogin: boolean;
}

/** From the start of the core until it has stopped. */
async function serve(start: DesktopStart, serving: Serving): Promise<void> {
  const { ui, logger, quit, exit } = serving;
  const running = await startCore(start, serving);
  try {
    exit.setAsker(() => ui.askBeforeQuit());
    running.core.quitRequested.then(
      ({ servers }) => exit.request(servers),
      (error: unknown) => quit.fail(error),
    );
    await quit.requested;
  } finally {
    const left = await stopCore(running, quit, exit.servers);
    if (left.length > 0) {
      exit.code = 1;
      logger.warn('Some processes may still be running', { left });
    }
  }
}

async function startCore(
  { paths, gateway }: DesktopStart,
  { ui, logger, quit, openedAtLogin }: Serving,
): Promise<Running> {
  const warnings = app.isPackaged ? await importLoginEnvironment(paths) : [];
  Object.assign(process.env, await readSystemProxy(process.env));
  const desktop = new DesktopHost({
    logger: logger.child('desktop'),
    openedAtLogin,
    programs: app.isPackaged ? join(process.resourcesPath, 'bin') : undefined,
    showWindow: ui.showWindow,
    checksForUpdates: () => ui.data?.settings.checkForUpdates ?? false,
  });
  const resources = resourcesFolder();
  const core = createCore(
    createHostPorts({
      ...{ paths, env: process.env, logger, resources, desktop, warnings, gateway },
      // A name of its own: what the keychain's key has encrypted is nothing to a host without one.
      vault: createVault(
        createDocumentStore(
          paths.documents,
          app.isPackaged ? KEYCHAIN_DOCUMENT : `${KEYCHAIN_DOCUMENT}-from-source`,
        ),
      ),
    }),
  );
  const socket = new LocalSocketServer({
    path: paths.socket,
    endpoint: core,
    logger: logger.child('socket'),
  });
  const running = { core, desktop, socket };
  try {
    core.setAddress({ socket: paths.socket });
    await core.start();
    await socket.listen();
    ui.follow(core);
    app.on('did-become-active', () => desktop.refresh());
    // Asks the person's shell and the package about themselves: nothing waits for it.
    desktop.start().catch((error: unknown) => {
      logger.error('The desktop did not tell about itself', { error: String(error) });
    });
    return running;
  } catch (error) {
    await stopCore(running, quit, undefined);
    throw error;
  }
}

const resourcesFolder = (): string => (app.isPackaged ? process.resourcesPath : PLACES.resources);

/**
 * Before the core begins: where models are kept and how the network is reached may be said there.
 * @returns what the person should know about it.
 */
async function importLoginEnvironment(paths: Paths): Promise<string[]> {
  const document = createDocumentStore(paths.documents, 'login-environment');
  const { env, warning } = await resolveEnvironment(await readLoginEnvironment(), process.env, {
    document,
    now: Date.now(),
  });
  Object.assign(process.env, env);
  return warning === undefined ? [] : [warning];
}

/**
 * Servers first; the views, who see it happen, and the log come after.
 * @returns what of the core did not end.
 */
async function stopCore(
  { core, desktop, socket }: Running,
  quit: Quit,
  servers: 'stop' | 'leave-running' | undefined,
): Promise<readonly string[]> {
  const left = await core.stop({ servers, deadline: quit.coreDeadline });
  await socket.close();
  await desktop.close(quit.coreDeadline);
  return left;
}

/** The application cannot run: the reason is on the screen, where a double-click leaves no terminal. */
function sayWhy(error: unknown, logger: Logger): void {
  const sentence =
    error instanceof DomainError ? error.message : `Unexpected error: ${messageOf(error)}`;
  logger.error('The application ended', {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  console.error(sentence);
  dialog.showErrorBox("MLX Manager couldn't start", sentence);
}
