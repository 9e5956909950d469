import { useEffect } from 'react';

import { isDesktop, isMac } from '@renderer/components/platform';
import { focusViewSearch } from '@renderer/components/SearchField';
import { SCREENS } from '@renderer/routing/route';

export interface Shortcuts {
  readonly screen: (index: number) => void;
  readonly newProfile: () => void;
  readonly restart: () => void;
  readonly stop: () => void;
  readonly palette: () => void;
}

/**
 * Which shortcut a key press is. A browser keeps Cmd-R and Cmd-N for itself, so there Alt-R and
 * Alt-N do it; the desktop window has both.
 */
function shortcutOf(event: KeyboardEvent): string | undefined {
  const command = isMac() ? event.metaKey : event.ctrlKey;
  // With Alt, macOS types another letter; the key's place says which it is.
  if (event.altKey && !command) {
    if (event.code === 'KeyR') return 'restart';
    if (event.code === 'KeyN') return 'newProfile';
  }
  if (!command || event.altKey || event.shiftKey) return undefined;
  if (/^[1-9]$/.test(event.key) && Number(event.key) <= SCREENS.length) return event.key;
  if (isDesktop() && event.key === 'r') return 'restart';
  if (isDesktop() && event.key === 'n') return 'newProfile';
  const byKey: Readonly<Record<string, string>> = { '.': 'stop', k: 'palette', f: 'search' };
  return byKey[event.key];
}

function run(shortcut: string, actions: Shortcuts): boolean {
  switch (shortcut) {
    case 'restart':
      actions.restart();
      return true;
    case 'newProfile':
      actions.newProfile();
      return true;
    case 'stop':
      actions.stop();
      return true;
    case 'palette':
      actions.palette();
      return true;
    case 'search':
      return focusViewSearch();
    default:
      actions.screen(Number(shortcut) - 1);
      return true;
  }
}

/** The keys of the window. */
export function useShortcuts(actions: Shortcuts): void {
  useEffect(() => {
    const handleKey = (event: KeyboardEvent): void => {
      const shortcut = event.defaultPrevented ? undefined : shortcutOf(event);
      if (shortcut && run(shortcut, actions)) event.preventDefault();
    };
    window.addEventListener('keydown', handleKey);
    return () => window.removeEventListener('keydown', handleKey);
  }, [actions]);
}
