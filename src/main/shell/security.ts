import type { Logger } from '@core/ports';
import { isAllowedExternalLink } from '@shared/domain/external-links';
import { app, type Session, session, shell, type WebContents } from 'electron';
import { decidePermission, isOurUrl } from './our-url';

/**
 * Closes every way out of the window (Electron's security checklist, items 5 and 11 to 15). Called before
 * the first window; what is made later is covered too.
 */
export function secureEverything(logger: Logger): void {
  denyPermissions(session.defaultSession);
  app.on('session-created', denyPermissions);
  app.on('web-contents-created', (_event, contents) => guardContents(contents, logger));
}

/** Electron grants what nobody decides, so both are set: what is asked for, and what is merely looked up. */
function denyPermissions(target: Session): void {
  target.setPermissionRequestHandler((_contents, permission, grant, details) =>
    grant(decidePermission(permission, details.requestingUrl)),
  );
  target.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    decidePermission(permission, requestingOrigin),
  );
  target.setDevicePermissionHandler(() => false);
}

function guardContents(contents: WebContents, logger: Logger): void {
  const stayHere = (event: { preventDefault(): void; readonly url: string }): void => {
    if (isOurUrl(event.url)) return;
    event.preventDefault();
    logger.warn('The window was kept from leaving', { url: event.url.slice(0, 200) });
  };
  contents.on('will-navigate', stayHere);
  contents.on('will-redirect', stayHere);
  contents.on('will-frame-navigate', stayHere);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openExternalLink(url, logger);
    return { action: 'deny' };
  });
}

/** Opens an address in the system's browser when it is one of ours to open; nothing else happens otherwise. */
export function openExternalLink(url: string, logger: Logger): void {
  if (!isAllowedExternalLink(url)) {
    logger.warn('An external link was not opened', { url: url.slice(0, 200) });
    return;
  }
  shell.openExternal(url).catch((error: unknown) => {
    logger.error('The browser could not be opened', { url, error: String(error) });
  });
}
