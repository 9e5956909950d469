import type { Settings } from '@shared/domain/settings';

/** What decides whether the application is in the Dock. */
export interface DockFacts {
  readonly setting: Settings['dockIcon'];
  /** Whether the person has the window open, also minimised or behind others. */
  readonly windowOpen: boolean;
  /** Whether the menu-bar icon can be seen: one of the two must be. */
  readonly trayReachable: boolean;
}

/** Pure: whether the Dock shows us. */
export function isInDock({ setting, windowOpen, trayReachable }: DockFacts): boolean {
  if (setting === 'always' || !trayReachable) return true;
  return setting === 'window' && windowOpen;
}
