import {
  addEntry,
  appendMeta,
  entriesOf,
  forgetBefore,
  type MetaEntry,
  replaceMeta,
  type RunMeta,
} from './run-meta';

/** Entries that wait for room on the disk; of more, the times of lines are given up. */
const MAX_WAITING = 5000;

/** Writes down what becomes known of a run: all that came together since the last write, in one. */
export class MetaWriter {
  readonly meta: RunMeta;
  readonly #file: string;
  readonly #onError: (error: unknown) => void;
  #waiting: MetaEntry[] = [];
  #writing: Promise<void> | undefined;
  /** Whether the file may end with half a line: after a write that failed, or a manager that was killed. */
  #isTorn = true;
  /** Whether the file holds entries of bytes that are gone, and is to be replaced. */
  #isStale = false;

  constructor(file: string, meta: RunMeta, onError: (error: unknown) => void) {
    this.#file = file;
    this.meta = meta;
    this.#onError = onError;
  }

  /** Takes the entry in at once and writes it soon; what cannot be written is tried again with the next. */
  record(entry: MetaEntry): void {
    addEntry(this.meta, entry);
    this.#waiting = [...withoutLost(this.#waiting, entry), entry];
    if (this.#waiting.length > MAX_WAITING)
      this.#waiting = this.#waiting.filter(({ t }) => t !== 'mark');
    this.#start().catch(this.#onError);
  }

  /** Leaves out what is known of bytes before this one, whose files are gone: a run may write for months. */
  forget(before: number): void {
    if (!forgetBefore(this.meta, before)) return;
    this.#isStale = true;
    this.#start().catch(this.#onError);
  }

  /** Resolves when what was recorded is written or has failed once more. Never rejects. */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0 || this.#isStale) await this.#start();
  }

  #start(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    // What is recorded in the same go is written in the same go.
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#isStale) {
      const entries = this.#waiting;
      this.#waiting = [];
      const whole = this.#isStale ? entriesOf(this.meta) : undefined;
      try {
        if (whole) await replaceMeta(this.#file, whole);
        else await appendMeta(this.#file, entries, this.#isTorn);
        if (whole) this.#isStale = false;
        this.#isTorn = false;
      } catch (error) {
        this.#isTorn = true;
        this.#waiting = [...entries, ...this.#waiting];
        this.#onError(error);
        return;
      }
    }
  }
}

/** What need not be written when bytes were given up: the marks in them, and what was given up just before. */
function withoutLost(waiting: readonly MetaEntry[], entry: MetaEntry): readonly MetaEntry[] {
  if (entry.t !== 'segment' || entry.segment !== undefined) return waiting;
  const last = waiting.findLast(({ t }) => t === 'segment');
  const before = last?.t === 'segment' && last.segment === undefined ? last : undefined;
  return waiting.filter((one) => one !== before && !(one.t === 'mark' && one.at < entry.to));
}
