import type { RunMeta } from './run-meta';
import type { RowName } from './terminal';

/** Numbers the lines of a run that is read from its files: the manager's own lines have theirs already. */
export class LineCounter {
  readonly #meta: RunMeta;
  #next: number;
  /** The first note that is not counted yet. */
  #note: number;
  #mark = 0;

  /** `n`: the number with which the counting begins. */
  constructor(meta: RunMeta, n: number) {
    this.#meta = meta;
    this.#next = n;
    const note = meta.notes.findIndex((one) => one.n >= n);
    this.#note = note === -1 ? meta.notes.length : note;
  }

  /** Number after the last line that was counted. */
  get next(): number {
    return this.#next;
  }

  /** Number of the manager's next line; undefined where there is none. */
  get nextNote(): number | undefined {
    return this.#meta.notes[this.#note]?.n;
  }

  /** Names the next line of the engine, with the time of the mark before it. */
  begin(): RowName {
    this.passNotes();
    const n = this.#next;
    this.#next += 1;
    const { marks, startedAt } = this.#meta;
    while ((marks[this.#mark + 1]?.n ?? Number.POSITIVE_INFINITY) <= n) this.#mark += 1;
    return { n, time: marks[this.#mark]?.time ?? Date.parse(startedAt) };
  }

  /** Counts the manager's lines that come next. */
  passNotes(): void {
    while (this.nextNote === this.#next) {
      this.#note += 1;
      this.#next += 1;
    }
  }
}
