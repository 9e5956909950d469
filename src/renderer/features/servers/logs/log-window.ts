import type { LogLine, LogPage, LogRun } from '@shared/domain/log';
import { isCheck } from './log-filter';

const PAGE_LINES = 500;
/** Pages held in memory; the ones looked at longest ago go first. */
const MAX_PAGES = 16;

/** `null`: the line is not kept any more. */
type Slot = LogLine | null | undefined;

export interface LogExtent {
  readonly firstLine: number;
  readonly endLine: number;
  readonly bytes: number;
}

type ReadPage = (from: number, limit: number) => Promise<LogPage>;

/** A window on one run's log: lines are fetched by number when they come into sight, never all. */
export class LogWindow {
  readonly #read: ReadPage;
  readonly #pages = new Map<number, Slot[]>();
  readonly #pending = new Set<number>();
  /** Lines about checks, also of pages that were forgotten: they are not asked for again to be hidden. */
  readonly #checks = new Set<number>();
  readonly #listeners = new Set<() => void>();
  #extent: LogExtent;
  #error: unknown;
  #version = 0;

  constructor(run: LogRun, read: ReadPage) {
    this.#read = read;
    this.#extent = { firstLine: run.firstLine, endLine: run.endLine, bytes: run.bytes };
  }

  get extent(): LogExtent {
    return this.#extent;
  }

  /** Why the last page could not be read. */
  get error(): unknown {
    return this.#error;
  }

  /** Grows with each change: for useSyncExternalStore. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The line's text when it is here, null when it is gone, undefined while it is fetched. */
  line(n: number): Slot {
    return this.#pages.get(Math.floor(n / PAGE_LINES))?.[n % PAGE_LINES];
  }

  /** Whether the line is known to tell of a request with which the manager checked the server. */
  isCheck(n: number): boolean {
    return this.#checks.has(n);
  }

  /** How many such lines are known. */
  get checks(): number {
    return this.#checks.size;
  }

  /** Fetches what is missing between two line numbers, both included; with checks only where they are shown. */
  want(from: number, to: number, checks = true): void {
    const first = Math.max(from, this.#extent.firstLine);
    const last = Math.min(to, this.#extent.endLine - 1);
    for (let n = first; n <= last; n++) {
      if (!checks && this.isCheck(n)) continue;
      const page = Math.floor(n / PAGE_LINES);
      this.#touch(page);
      if (this.line(n) !== undefined) continue;
      if (!this.#pending.has(page)) void this.#fetch(page);
      n = (page + 1) * PAGE_LINES - 1;
    }
  }

  /** Takes lines that were pushed. */
  append(lines: readonly LogLine[]): void {
    const last = lines.at(-1);
    if (!last) return;
    const bytes = lines.reduce((sum, line) => sum + line.text.length + 1, this.#extent.bytes);
    for (const line of lines) this.#put(line.n, line);
    this.#extent = {
      ...this.#extent,
      endLine: Math.max(this.#extent.endLine, last.n + 1),
      bytes,
    };
    this.#changed();
  }

  async #fetch(page: number): Promise<void> {
    this.#pending.add(page);
    const from = Math.max(page * PAGE_LINES, this.#extent.firstLine);
    const limit = (page + 1) * PAGE_LINES - from;
    try {
      this.#take(await this.#read(from, limit), from, limit);
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#pending.delete(page);
      this.#changed();
    }
  }

  #take({ run, lines }: LogPage, from: number, limit: number): void {
    for (const line of lines) this.#put(line.n, line);
    const firstLine = Math.max(run?.firstLine ?? 0, this.#extent.firstLine);
    const endLine = Math.max(run?.endLine ?? 0, this.#extent.endLine);
    this.#extent = { firstLine, endLine, bytes: run?.bytes ?? this.#extent.bytes };
    // What the manager did not return although it was written is gone: it is not asked for again.
    const known = Math.min(from + limit, run?.endLine ?? from);
    for (let n = from; n < known; n++) if (this.line(n) === undefined) this.#put(n, null);
  }

  #put(n: number, slot: LogLine | null): void {
    const page = Math.floor(n / PAGE_LINES);
    const slots = this.#pages.get(page) ?? [];
    slots[n % PAGE_LINES] = slot;
    if (slot && isCheck(slot)) this.#checks.add(n);
    this.#pages.set(page, slots);
    if (this.#pages.size > MAX_PAGES) this.#forgetOldest(page);
  }

  #forgetOldest(keep: number): void {
    for (const page of this.#pages.keys()) {
      if (page === keep) continue;
      this.#pages.delete(page);
      return;
    }
  }

  /** Moves a page to the end of the order in which pages are forgotten. */
  #touch(page: number): void {
    const slots = this.#pages.get(page);
    if (!slots) return;
    this.#pages.delete(page);
    this.#pages.set(page, slots);
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
