import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '@core/ports';
import { DomainError } from '@shared/errors';
import { app, crashReporter } from 'electron';
import { registerAppScheme } from './app-protocol';
import { LINK_SCHEME } from '@shell/deep-link';

/** What a second start tells the first (docs/api/app: `argv` may be altered by Chromium, this is not). */
export interface SecondStart {
  readonly hidden: boolean;
  readonly link: string | undefined;
}

/** Electron takes only folders that are there (docs/api/app `setPath`). @throws DomainError where it cannot be made. */
function setFolder(name: 'userData' | 'sessionData' | 'crashDumps', folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    app.setPath(name, folder);
  } catch (error) {
    throw new DomainError(
      'permission',
      `The folder ${folder} can't be used (${(error as Error).message}). Choose another data folder with MLX_MANAGER_HOME.`,
    );
  }
}

/**
 * Everything that must be done before Electron is ready, without waiting for anything. False when this
 * application runs already: the first one has been told, and this one must end.
 */
export function preboot(paths: Paths, start: SecondStart): boolean {
  // A key of its own in the keychain: macOS would ask for a password where another signature used the same one.
  app.setName(app.isPackaged ? 'MLX Manager' : 'MLX Manager from source');
  setFolder('userData', paths.home);
  // Chromium's own files stay out of the folder where people find their profiles.
  setFolder('sessionData', join(paths.cache, 'window'));
  setFolder('crashDumps', join(paths.logs, 'crashes'));
  crashReporter.start({ uploadToServer: false });
  registerAppScheme();
  app.enableSandbox();
  if (!app.requestSingleInstanceLock(start)) return false;
  // A build from source would take the links away from the installed application.
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  // Without a listener Electron quits when the last window is closed.
  app.on('window-all-closed', () => undefined);
  return true;
}
