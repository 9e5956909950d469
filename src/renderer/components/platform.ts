/** Whether the person's keyboard has a Command key. */
export function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

/** Whether the screens run in the desktop window rather than in a browser. */
export function isDesktop(): boolean {
  return 'mlx' in window;
}

/** A shortcut as this machine writes it: `⌘K` or `Ctrl+K`. */
export function shortcutLabel(key: string): string {
  return isMac() ? `⌘${key}` : `Ctrl+${key}`;
}

/** The same for a key that a browser keeps for itself, so that there Alt does it: `⌥N` or `Alt+N`. */
export function ownShortcutLabel(key: string): string {
  if (isDesktop()) return shortcutLabel(key);
  return isMac() ? `⌥${key}` : `Alt+${key}`;
}
