/** The one address of the screens. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'bundle';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** Whether an address is one of our screens: scheme, host and nothing else in front of the path. */
export function isOurUrl(text: string | undefined | null): boolean {
  if (!text || !URL.canParse(text)) return false;
  const { protocol, host, username, password } = new URL(text);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST && username === '' && password === '';
}

/** What a page may ask the system for: writing text to the clipboard, and only ours. Everything else is refused. */
export function decidePermission(permission: string, requestingUrl: string | undefined): boolean {
  return permission === 'clipboard-sanitized-write' && isOurUrl(requestingUrl);
}

/** Who sent a message, as far as it decides. */
export interface Sender {
  /** The frame's address; undefined when the frame is gone. */
  readonly url: string | undefined;
  readonly isMainFrame: boolean;
  /** Whether it is the window that we made. */
  readonly isOurWindow: boolean;
}

/** Whether a message is taken at all: decided before it is read. */
export function isTrustedSender({ url, isMainFrame, isOurWindow }: Sender): boolean {
  return isOurWindow && isMainFrame && isOurUrl(url);
}
