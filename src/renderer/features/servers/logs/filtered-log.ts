import type { LogLine, LogPage } from '@shared/domain/log';
import { type LogFilter, passes } from './log-filter';

/** Of the lines that pass, the newest are held: a filter that keeps nearly all must not fill the memory. */
export const MAX_PASSED = 10_000;
/** Older ones go in steps, so that the lines in sight move rarely. */
const SLACK = 2000;
/** Small enough that taking in one answer is not felt. */
const READ_LINES = 500;
/** Views hear of what was read this often. */
const TELL_MS = 100;

interface FilteredLogOptions {
  readonly filter: LogFilter;
  readonly firstLine: number;
  /** A line that is here already; null when it is gone. */
  readonly held: (n: number) => LogLine | null | undefined;
  readonly read: (from: number, limit: number) => Promise<LogPage>;
}

/** The lines of a run that pass a filter: read through once from the start, and on as the run grows. */
export class FilteredLog {
  readonly #options: FilteredLogOptions;
  readonly #listeners = new Set<() => void>();
  #lines: LogLine[] = [];
  #next: number;
  #end: number;
  /** The first line that was still being written when it was read: from there on it is read again. */
  #open: number | undefined;
  #reading = false;
  #closed = false;
  #cut = false;
  #error: unknown;
  #version = 0;
  #told = 0;

  constructor(options: FilteredLogOptions) {
    this.#options = options;
    this.#next = options.firstLine;
    this.#end = options.firstLine;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  /** Older lines passed too, and are not held. */
  get cut(): boolean {
    return this.#cut;
  }

  /** Why the run could not be read on. */
  get error(): unknown {
    return this.#error;
  }

  /** The part of the run that was looked at, from 0 to 1. */
  get fraction(): number {
    const { firstLine } = this.#options;
    return this.#end === firstLine ? 1 : (this.#next - firstLine) / (this.#end - firstLine);
  }

  /** Grows with each change: for useSyncExternalStore. */
  readonly version = (): number => this.#version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The run has lines up to this number. */
  reach(end: number): void {
    this.#end = Math.max(this.#end, end);
    this.#closed = false;
    if (!this.#reading) this.#goBack();
    if (!this.#reading && this.#next < this.#end) void this.#readOn();
  }

  /** Nobody looks any more. */
  close(): void {
    this.#closed = true;
  }

  async #readOn(): Promise<void> {
    this.#reading = true;
    try {
      while (!this.#closed && this.#next < this.#end) {
        if (!this.#takeHeld()) await this.#takePage();
        this.#trim();
        if (Date.now() - this.#told >= TELL_MS) this.#changed();
      }
      this.#error = undefined;
    } catch (error) {
      this.#error = error;
    } finally {
      this.#reading = false;
      this.#changed();
    }
  }

  /** Takes the lines that need not be asked for. Returns whether there was one. */
  #takeHeld(): boolean {
    const from = this.#next;
    while (this.#next < this.#end) {
      const line = this.#options.held(this.#next);
      if (line === undefined) break;
      if (line) this.#take(line);
      this.#next++;
    }
    return this.#next > from;
  }

  async #takePage(): Promise<void> {
    const { lines } = await this.#options.read(this.#next, READ_LINES);
    for (const line of lines) this.#take(line);
    // Without an answer there is nothing up to the end: it was removed meanwhile.
    this.#next = (lines.at(-1)?.n ?? this.#end - 1) + 1;
    this.#end = Math.max(this.#end, this.#next);
  }

  /** Takes back what may have changed since it was read. */
  #goBack(): void {
    const from = this.#open;
    if (from === undefined) return;
    this.#open = undefined;
    this.#next = Math.min(this.#next, from);
    const at = this.#lines.findIndex(({ n }) => n >= from);
    if (at !== -1) this.#lines = this.#lines.slice(0, at);
  }

  #take(line: LogLine): void {
    if (line.open) this.#open ??= line.n;
    if (passes(line, this.#options.filter)) this.#lines.push(line);
  }

  #trim(): void {
    if (this.#lines.length <= MAX_PASSED + SLACK) return;
    this.#lines = this.#lines.slice(-MAX_PASSED);
    this.#cut = true;
  }

  #changed(): void {
    this.#version++;
    this.#told = Date.now();
    for (const listener of this.#listeners) listener();
  }
}
