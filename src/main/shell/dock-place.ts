import type { Settings } from '@shared/domain/settings';

/** What decides whether the application is in the Dock. */
export interface DockFacts {
  readonly setting: Settings['dockIcon'];
  readonly windowVisible: boolean;
  /** Whether the menu-bar icon can be seen: one of the two must be. */
  readonly trayReachable: boolean;
}

/** Pure: whether the Dock shows us. */
export function isInDock({ setting, windowVisible, trayReachable }: DockFacts): boolean {
  if (setting === 'always' || !trayReachable) return true;
  return setting === 'window' && windowVisible;
}
