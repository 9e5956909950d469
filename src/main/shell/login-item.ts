import type { LoginItem } from '@shared/domain/desktop';
import { DomainError } from '@shared/errors';
import { app, shell } from 'electron';
import { loginItem } from './login-status';

/** Where a person approves login items: macOS System Settings, General, Login Items. */
const SYSTEM_SETTINGS = 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension';

/** SMAppService's own kind for "the application itself" (docs/api/app, macOS 13 and newer). */
const TYPE = 'mainAppService' as const;

/** Asks the system each time: it is never kept, since a person changes it in the system's own settings. */
export function readLoginItem(): LoginItem {
  const isMac = app.dock !== undefined;
  const { isPackaged } = app;
  const status = isMac && isPackaged ? app.getLoginItemSettings({ type: TYPE }).status : undefined;
  return loginItem({ isMac, isPackaged, status });
}

/**
 * @throws DomainError validation where there is no login item, permission where the system does not take this
 * application as one.
 */
export function setOpenAtLogin(open: boolean): void {
  const { status, reason } = readLoginItem();
  if (status === 'unsupported') {
    throw new DomainError('validation', reason ?? "Opening at login isn't available here.");
  }
  app.setLoginItemSettings({ openAtLogin: open, type: TYPE });
  const isRegistered = ['enabled', 'requires-approval'].includes(readLoginItem().status);
  if (open && !isRegistered) {
    throw new DomainError(
      'permission',
      "macOS didn't accept MLX Manager as a login item. Move it to the Applications folder, open it from there, and try again.",
    );
  }
}

/** Whether the system opened this process at login. */
export function wasOpenedAtLogin(): boolean {
  return app.dock !== undefined && app.getLoginItemSettings({ type: TYPE }).wasOpenedAtLogin;
}

export async function openLoginSettings(): Promise<void> {
  await shell.openExternal(SYSTEM_SETTINGS);
}
