import Store from 'electron-store';

/** What only the shell remembers. Everything else belongs to the core's documents. */
interface ShellState {
  /** Where the window was. */
  window?: { x: number; y: number; width: number; height: number; fullScreen: boolean };
  /** The person was told that a closed window leaves the application in the menu bar. */
  toldAboutMenuBar?: boolean;
}

export type ShellStore = Store<ShellState>;

/**
 * `desktop.json` in the data folder. An unreadable one is forgotten, also one that electron-store cut on a full disk:
 * nothing in it is worth a failed start. Whatever must not be lost is a document of the core's.
 */
export function openShellStore(folder: string): ShellStore {
  return new Store<ShellState>({ name: 'desktop', cwd: folder, clearInvalidConfig: true });
}
