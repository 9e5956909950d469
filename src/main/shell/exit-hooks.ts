import type { Quit } from '@host/quit';
import { app, autoUpdater, powerMonitor } from 'electron';

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
  /** Who lets the windows close when an update is put in place. */
  setUpdateListener(listener: () => void): void;
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
export function installExitHooks(quit: Quit): Exit {
  let isDown = false;
  let isAsking = false;
  let isUpdating = false;
  let servers: ServersOnQuit;
  let ask: (() => Promise<QuitAnswer>) | undefined;
  let onUpdate: (() => void) | undefined;

  const askAndQuit = async (): Promise<void> => {
    if (isAsking || quit.isRequested) return;
    isAsking = true;
    try {
      const answer = (await ask?.()) ?? { servers: undefined };
      if (answer === 'cancel') return;
      servers = answer.servers;
      quit.request('the person quit');
    } finally {
      isAsking = false;
    }
  };

  app.on('before-quit', (event) => {
    if (isDown) return;
    event.preventDefault();
    if (isUpdating) quit.request('an update is put in place');
    else askAndQuit().catch((error: unknown) => quit.fail(error));
  });
  // Before an update is put in place every window is closed, and only then the application is told to quit
  // (Electron, shell/browser/api/electron_api_auto_updater.cc, QuitAndInstall).
  autoUpdater.on('before-quit-for-update', () => {
    isUpdating = true;
    onUpdate?.();
    quit.request('an update is put in place');
  });
  const hearShutdown = (): void => {
    // The machine goes down: nobody can answer questions now, and the system waits for us a little.
    powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
      event?.preventDefault();
      quit.request('the machine is shut down');
    });
  };
  app.whenReady().then(hearShutdown, (error: unknown) => quit.fail(error));

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
    setUpdateListener(listener) {
      onUpdate = listener;
    },
    end() {
      isDown = true;
      const code = quit.hasFailed ? 1 : exit.code;
      // `app.exit` returns (docs/api/app): nothing may follow it.
      if (code !== 0) return app.exit(code);
      app.quit();
      // Nothing of ours is left to wait for, whatever a page or the system may still have open.
      setTimeout(() => app.exit(0), LAST_MS).unref();
    },
  };
  return exit;
}
