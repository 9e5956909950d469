import { statfs } from 'node:fs/promises';
import type { Clock } from '../ports';

export interface DiskGuardOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Called when the disk has become full, and when it has room again. */
  readonly onChange: (isFull: boolean, freeBytes: number) => void;
  /** Called once, with the first error, where the disk cannot be looked at. */
  readonly onError: (error: unknown) => void;
}

/** An engine that cannot write its log may end; so it must be known soon. */
const LOOK_MS = 250;
/** With less than this the next lines of an engine may not be written any more. */
const FULL_BYTES = 64 * 1024;
/** A refused write counts this long. */
const REFUSED_MS = 2000;
/** With more than this it has room again. */
const ROOM_BYTES = 256 * 1024;

/** Tells when the disk under a folder is full, as long as it is asked to look. */
export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #cancel: (() => void) | undefined;
  #isOn = false;
  #isFull = false;
  #hasFailed = false;
  #refusedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  start(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#begin();
  }

  /** A write was refused for lack of room: true whatever the disk says, which knows of no quota. */
  refused(): void {
    this.#refusedUntil = this.#options.clock.monotonic() + REFUSED_MS;
    if (this.#isOn) this.#begin();
  }

  stop(): void {
    this.#isOn = false;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #begin(): void {
    this.#look().catch((error: unknown) => this.#options.onError(error));
  }

  /** Looks, and again later: where it cannot look, it stays with what it knows. */
  async #look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#options.folder);
      if (this.#isOn) this.#judge(bavail * bsize);
    } catch (error) {
      if (!this.#hasFailed) this.#options.onError(error);
      this.#hasFailed = true;
    }
    if (this.#isOn && !this.#cancel) {
      this.#cancel = this.#options.clock.setTimeout(() => {
        this.#cancel = undefined;
        this.#begin();
      }, LOOK_MS);
    }
  }

  #judge(free: number): void {
    const wasRefused = this.#options.clock.monotonic() < this.#refusedUntil;
    const isFull = wasRefused || free < (this.#isFull ? ROOM_BYTES : FULL_BYTES);
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#options.onChange(isFull, free);
  }
}
