import { statfs } from 'node:fs/promises';

import type { Clock, Logger } from '../ports';
import { Background } from '../ports/background';
import type { DownloadRecord } from './download-record';

/** How often a disk that was full is looked at, ms. */
const LOOK_MS = 10_000;
/** Room that there must be before it goes on, as a part of what is left: others write too. */
const ROOM_FACTOR = 1.05;

export interface DiskWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The Hugging Face cache. */
  readonly hub: string;
  readonly records: () => readonly DownloadRecord[];
  readonly resume: (id: string) => Promise<unknown>;
}

/** Jobs that stopped for want of room go on by themselves when there is some. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #background: Background;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#background = new Background(options.logger);
  }

  /** Looks from now on, for as long as a job waits for room. */
  begin(): void {
    this.#cancel?.();
    if (this.#isStopped || this.#full().length === 0) return;
    this.#cancel = this.#options.clock.setTimeout(
      () => this.#background.run('look for room on the disk', () => this.#look()),
      LOOK_MS,
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel?.();
    await this.#background.stop();
  }

  #full(): DownloadRecord[] {
    return this.#options.records().filter(({ failure }) => failure?.code === 'disk_full');
  }

  async #look(): Promise<void> {
    const disk = await statfs(this.#options.hub).catch(() => undefined);
    const free = disk ? disk.bavail * disk.bsize : 0;
    const first = this.#full().find(({ bytes, total }) => free > (total - bytes) * ROOM_FACTOR);
    try {
      if (first && !this.#isStopped) await this.#options.resume(first.id);
    } catch (error) {
      // Also a state that cannot be written for want of room: it is tried again.
      this.#options.logger.debug('No room yet', { id: first?.id, error: String(error) });
    }
    this.begin();
  }
}
