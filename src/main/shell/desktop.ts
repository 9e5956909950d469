import { join } from 'node:path';
import { type Core, createCore } from '@core/core';
import type { Logger, Paths } from '@core/ports';
import type { HomeLock } from '@core/storage/home-lock';
import type { FileLogger } from '@host/file-logger';
import { createDocumentStore } from '@host/document-store';
import { createHostPorts, managerLogPath, openManagerLog } from '@host/host-ports';
import { LocalSocketServer } from '@host/local-socket';
import { prepareHome } from '@host/paths';
import { Quit } from '@host/quit';
import { KEYCHAIN_DOCUMENT } from '@host/file-vault';
import { PLACES } from '@host/resources';
import { DomainError, messageOf } from '@shared/errors';
import { app, dialog } from 'electron';
import { serveApp } from './app-protocol';
import { askToTakeOver } from './ask';
import { DesktopHost } from './desktop-host';
import { installExitHooks } from './exit-hooks';
import type { LinkInbox } from './link-inbox';
import { readLoginEnvironment, takenOver } from './login-environment';
import { wasOpenedAtLogin } from './login-item';
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
}

/** What runs, to be taken down in reverse. */
interface Running {
  readonly core: Core;
  readonly desktop: DesktopHost;
  readonly socket: LocalSocketServer;
  readonly ui: Ui;
}

/**
 * The desktop application from the moment that it is the only one of its kind until it has ended: the same core
 * as everywhere, with a window, a menu-bar icon and the system's services around it.
 */
export async function runDesktop(start: DesktopStart): Promise<void> {
  const { paths } = start;
  let logger: FileLogger | undefined;
  const quit = new Quit(() => logger, managerLogPath(paths));
  const exit = installExitHooks(quit);
  let lock: HomeLock | undefined;
  try {
    await prepareHome(paths);
    lock = await lockOrTakeOver({ paths, ask: askToTakeOver });
    if (lock) {
      logger = openManagerLog(paths, process.env, (line) => console.error(line));
      const running = await startAll(start, logger, quit);
      try {
        exit.setAsker(() => running.ui.askBeforeQuit());
        running.core.quitRequested.then(
          ({ servers }) => exit.request(servers),
          (error: unknown) => quit.fail(error),
        );
        await quit.requested;
      } finally {
        const left = await stopAll(running, logger, quit, exit.servers);
        if (left.length > 0) exit.code = 1;
      }
    }
  } catch (error) {
    sayWhy(error, logger);
    exit.code = 1;
  } finally {
    await lock?.release();
    exit.end();
  }
}

async function startAll(start: DesktopStart, logger: FileLogger, quit: Quit): Promise<Running> {
  const { paths, dist, links } = start;
  const [openedAtLogin] = await Promise.all([
    app.whenReady().then(wasOpenedAtLogin),
    app.isPackaged ? importLoginEnvironment() : undefined,
  ]);
  const desktop = new DesktopHost({
    logger: logger.child('desktop'),
    openedAtLogin,
    programs: app.isPackaged ? join(process.resourcesPath, 'bin') : undefined,
    checksForUpdates: () => ui.data?.settings.checkForUpdates ?? false,
  });
  const resources = app.isPackaged ? process.resourcesPath : PLACES.resources;
  const core = createCore(
    createHostPorts({
      ...{ paths, env: process.env, logger, resources, desktop },
      // A name of its own: what the keychain's key has encrypted is nothing to a host without one.
      vault: createVault(createDocumentStore(paths.documents, KEYCHAIN_DOCUMENT)),
    }),
  );
  secureEverything(logger.child('security'));
  serveApp(join(dist, 'renderer'));
  const socket = new LocalSocketServer({
    path: paths.socket,
    endpoint: core,
    logger: logger.child('socket'),
  });
  const ui: Ui = new Ui({
    core,
    desktop,
    logger,
    resources,
    preload: join(dist, 'preload', 'preload.cjs'),
    store: openShellStore(paths.home),
  });
  const running = { core, desktop, socket, ui };
  try {
    core.setAddress({ socket: paths.socket });
    await core.start();
    await socket.listen();
    ui.start({ hidden: start.hidden || openedAtLogin, atLogin: openedAtLogin, links });
    // Asks the person's shell and the package about themselves: nothing waits for it.
    desktop.start().catch((error: unknown) => {
      logger.error('The desktop did not tell about itself', { error: String(error) });
    });
    return running;
  } catch (error) {
    await stopAll(running, logger, quit, undefined);
    throw error;
  }
}

/** Before the core begins: where models are kept and how the network is reached may be said there. */
async function importLoginEnvironment(): Promise<void> {
  Object.assign(process.env, takenOver(await readLoginEnvironment(), process.env));
}

/**
 * Servers first, then the views (who see it happen), the log last.
 * @returns what of the core did not end.
 */
async function stopAll(
  { core, desktop, socket, ui }: Running,
  logger: Logger,
  quit: Quit,
  servers: 'stop' | 'leave-running' | undefined,
): Promise<readonly string[]> {
  const left = await core.stop({ servers, deadline: quit.coreDeadline });
  await socket.close();
  await desktop.close(quit.coreDeadline);
  await ui.close(quit.coreDeadline);
  logger.info('Ended');
  return left;
}

/** The application cannot run: the reason is on the screen, where a double-click leaves no terminal. */
function sayWhy(error: unknown, logger: Logger | undefined): void {
  const sentence =
    error instanceof DomainError
      ? error.message
      : `Something unexpected happened: ${messageOf(error)}`;
  logger?.error('The application ended', {
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  console.error(sentence);
  dialog.showErrorBox('MLX Manager could not start', sentence);
}
