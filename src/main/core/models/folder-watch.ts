import { type FSWatcher, watch } from 'node:fs';

import type { Clock, Logger } from '../ports';

/** A download writes without pause: changes are told together after this quiet time, ms ... */
const QUIET_MS = 400;
/** ... but at least this often. */
const AT_LEAST_MS = 3000;
/** Each watched folder costs a handle; a larger library is read again when it is asked for. */
const MAX_FOLDERS = 4000;

export interface FolderWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** At once, for every change. */
  readonly touched: () => void;
  /** Once for changes that belong together. */
  readonly changed: () => void;
}

/** Tells when something in a set of folders changes. */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #cancelTimer: (() => void) | undefined;
  #firstAt: number | undefined;
  #complete = true;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /** Whether every folder of the last set is watched: then silence means no change. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** Watches exactly these folders from now on; what changed just before is told too. */
  set(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, MAX_FOLDERS));
    this.#complete = folders.length <= MAX_FOLDERS;
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    const fresh = [...wanted].filter((folder) => !this.#watchers.has(folder));
    for (const folder of fresh) this.#add(folder);
    if (fresh.some((folder) => this.#watchers.has(folder))) this.#touch();
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.set([]);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#touch());
      watcher.on('error', (error) => {
        this.#options.logger.debug('A folder is no longer watched', {
          folder,
          error: String(error),
        });
        watcher.close();
        this.#watchers.delete(folder);
        this.#touch();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // A folder that is not there yet appears in its parent, which is watched.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#complete = false;
      this.#options.logger.warn('A folder cannot be watched', { folder, error: String(error) });
    }
  }

  #touch(): void {
    const { clock, touched, changed } = this.#options;
    touched();
    this.#firstAt ??= clock.monotonic();
    const left = this.#firstAt + AT_LEAST_MS - clock.monotonic();
    this.#cancelTimer?.();
    this.#cancelTimer = clock.setTimeout(
      () => {
        this.#cancelTimer = undefined;
        this.#firstAt = undefined;
        changed();
      },
      Math.max(0, Math.min(QUIET_MS, left)),
    );
  }
}
