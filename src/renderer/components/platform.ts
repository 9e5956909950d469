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
