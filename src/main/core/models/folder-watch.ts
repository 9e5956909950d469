import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';

import type { Clock, Logger } from '../ports';

/** A download writes without pause: changes are told together after this quiet time, ms ... */
const QUIET_MS = 400;
/** ... but at least this often. */
const AT_LEAST_MS = 3000;
/** Beginning to watch costs the system some microseconds each: so many at once, then others have their turn. */
const AT_ONCE = 100;
/** Each watched folder costs a handle; a larger library is read again when it is asked for. */
const MAX_FOLDERS = 4000;

export interface FolderWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** At once, for every change, with where it was. */
  readonly touched: (place: string) => void;
  /** Once for changes that belong together. */
  readonly changed: () => void;
}

/**
 * Tells when something in a set of folders changes. macOS watches a whole tree as cheaply as one folder
 * (FSEvents), and becomes slow with thousands of single ones: there the roots are watched, elsewhere each
 * folder.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  readonly #watchesTrees: boolean;
  readonly #watchers = new Map<string, FSWatcher>();
  #cancelTimer: (() => void) | undefined;
  #firstAt: number | undefined;
  #complete = true;
  #roots: readonly string[] = [];
  /** Which set is being put in place: an older one that is still at it gives up. */
  #turn = 0;

  constructor(options: FolderWatchOptions, platform: NodeJS.Platform = process.platform) {
    this.#options = options;
    this.#watchesTrees = platform === 'darwin';
  }

  /** Whether every folder of the last set is watched: then silence means no change. */
  get isComplete(): boolean {
    return this.#complete;
  }

  /** Whether a change in this folder is told. */
  covers(folder: string): boolean {
    if (this.#watchers.has(folder)) return true;
    return this.#watchesTrees && this.#roots.some((root) => folder.startsWith(root + path.sep));
  }

  /** Watches exactly these folders from now on; what changed just before is told too. */
  async set(all: readonly string[], roots: readonly string[] = []): Promise<void> {
    this.#roots = this.#watchesTrees ? roots : [];
    const folders = this.#watchesTrees ? [...roots, ...outside(all, roots)] : all;
    const wanted = new Set(folders.slice(0, MAX_FOLDERS));
    this.#complete = folders.length <= MAX_FOLDERS;
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    const fresh = [...wanted].filter((folder) => !this.#watchers.has(folder));
    this.#turn += 1;
    const own = this.#turn;
    for (let at = 0; at < fresh.length && own === this.#turn; at += AT_ONCE) {
      for (const folder of fresh.slice(at, at + AT_ONCE)) {
        this.#add(folder);
        if (this.#watchers.has(folder)) this.#touch(folder);
      }
      await turn();
    }
  }

  close(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#turn += 1;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #add(folder: string): void {
    try {
      const recursive = this.#roots.includes(folder);
      const watcher = watch(folder, { persistent: false, recursive }, (_, name) =>
        this.#touch(recursive && name !== null ? path.join(folder, name) : folder),
      );
      watcher.on('error', (error) => {
        this.#options.logger.debug('A folder is no longer watched', {
          folder,
          error: String(error),
        });
        watcher.close();
        this.#watchers.delete(folder);
        this.#touch(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      // A folder that is not there yet appears in its parent, which is watched.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#complete = false;
      this.#options.logger.warn('A folder cannot be watched', { folder, error: String(error) });
    }
  }

  #touch(place: string): void {
    const { clock, touched, changed } = this.#options;
    touched(place);
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

function outside(folders: readonly string[], roots: readonly string[]): string[] {
  return folders.filter((folder) => !roots.some((root) => folder.startsWith(root + path.sep)));
}
