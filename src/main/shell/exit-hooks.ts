import type { Logger } from '@core/ports';
import type { Quit } from '@host/quit';
import { app, powerMonitor } from 'electron';

export type ServersOnQuit = 'stop' | 'leave-running' | undefined;
/** What the person answered; `cancel`: they would rather not quit. */
export type QuitAnswer = { readonly servers: ServersOnQuit } | 'cancel';

export interface Exit {
  /** The process's exit code. */
  code: number;
  /** What the person chose for running servers. */
  readonly servers: ServersOnQuit;
  /** Who asks the person before a quit that they began. */
  setAsker(ask: () => Promise<QuitAnswer>): void;
  /** A view or a command asked for it, and said what becomes of running servers. */
  request(servers: ServersOnQuit): void;
  /** Everything is down: ends the process. */
  end(): void;
}

/** Electron's own part of a quit takes a few milliseconds. */
const LAST_MS = 3000;

/**
 * Leads every way out of the application to the one {@link Quit}: the menu, Cmd-Q, log out, shut down, an update,
 * a crash of our own code. Electron quits only when everything is down.
 */
export function installExitHooks(quit: Quit, logger: () => Logger | undefined): Exit {
  let isDown = false;
  let isAsking = false;
  let isUpdating = false;
  let servers: ServersOnQuit;
  let ask: (() => Promise<QuitAnswer>) | undefined;

  const askAndQuit = async (): Promise<void> => {
    if (isAsking || quit.isRequested) return;
    isAsking = true;
    const answer = (await ask?.()) ?? { servers: undefined };
    isAsking = false;
    if (answer === 'cancel') return;
    servers = answer.servers;
    quit.request('the person quit');
  };

  app.on('before-quit', (event) => {
    if (isDown) return;
    event.preventDefault();
    if (isUpdating) quit.request('an update is put in place');
    else void askAndQuit();
  });
  // Windows are closed before `before-quit` when an update is installed (docs/api/auto-updater).
  app.on('before-quit-for-update' as 'before-quit', () => {
    isUpdating = true;
    quit.request('an update is put in place');
  });
  void app.whenReady().then(() => {
    // The machine goes down: nobody can answer questions now, and the system waits for us a little.
    powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
      event?.preventDefault();
      quit.request('the machine is shut down');
    });
  });
  const crash = (error: unknown): void => {
    logger()?.error('An error that nobody expected; the application quits in order', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    exit.code = 1;
    quit.request('an unexpected error');
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  const exit: Exit = {
    code: 0,
    get servers() {
      return servers;
    },
    request(choice) {
      servers = choice;
      quit.request('a view or a command asked for it');
    },
    setAsker(next) {
      ask = next;
    },
    end() {
      isDown = true;
      if (exit.code !== 0) app.exit(exit.code);
      app.quit();
      // Nothing of ours is left to wait for, whatever a page or the system may still have open.
      setTimeout(() => app.exit(0), LAST_MS).unref();
    },
  };
  return exit;
}
