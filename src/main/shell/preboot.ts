import { join } from 'node:path';
import type { Paths } from '@core/ports';
import { app, crashReporter } from 'electron';
import { registerAppScheme } from './app-protocol';
import { LINK_SCHEME } from '@core/presentation/deep-link';

/** What a second start tells the first (docs/api/app: `argv` may be altered by Chromium, this is not). */
export interface SecondStart {
  readonly hidden: boolean;
  readonly link: string | undefined;
}

/**
 * Everything that must be done before Electron is ready, without waiting for anything. False when this
 * application runs already: the first one has been told, and this one must end.
 */
export function preboot(paths: Paths, start: SecondStart): boolean {
  app.setName('MLX Manager');
  app.setPath('userData', paths.home);
  // Chromium's own files stay out of the folder where people find their profiles.
  app.setPath('sessionData', join(paths.cache, 'window'));
  app.setPath('crashDumps', join(paths.logs, 'crashes'));
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
