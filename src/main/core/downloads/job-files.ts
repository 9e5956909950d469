import type { Download, DownloadFile } from '@shared/domain/download';

import type { RepoFile } from '../hub/model-files';
import type { Clock } from '../ports';
import { hasBlob, type RepoPlaces } from './cache-layout';
import type { FileTask } from './file-task';

/** How often the bytes of all files are counted, ms. */
const COUNT_MS = 200;
const NOT_COUNTED = { at: Number.NEGATIVE_INFINITY, bytes: 0 };

/** The files of one try of a job: which there are, how many bytes are here, how many files are proven. */
export class JobFiles {
  /** One for each content. */
  readonly tasks: readonly FileTask[];
  /** Every name; several may have the same content. */
  readonly named: readonly RepoFile[];
  /** Bytes of all files together, each content once. */
  readonly total: number;
  readonly #byEtag: ReadonlyMap<string, FileTask>;
  readonly #clock: Clock;
  #verified = 0;
  #counted = NOT_COUNTED;

  constructor(tasks: readonly FileTask[], named: readonly RepoFile[], clock: Clock) {
    this.tasks = tasks;
    this.named = named;
    this.total = tasks.reduce((sum, { file }) => sum + file.size, 0);
    this.#byEtag = new Map(tasks.map((task) => [task.file.etag, task]));
    this.#clock = clock;
  }

  /** How many contents are proven. */
  get verified(): number {
    return this.#verified;
  }

  noteVerified(): void {
    this.#verified += 1;
  }

  /** Bytes on disk. Counted at most every now and then: there may be many thousand files. */
  get bytes(): number {
    const now = this.#clock.monotonic();
    if (now - this.#counted.at > COUNT_MS) {
      this.#counted = { at: now, bytes: this.tasks.reduce((sum, task) => sum + task.bytes, 0) };
    }
    return this.#counted.bytes;
  }

  countAnew(): void {
    this.#counted = NOT_COUNTED;
  }

  /** How many names there are, and how many of them are proven. */
  counts(): Download['files'] {
    return { total: this.named.length, verified: this.#verifiedNames() };
  }

  #verifiedNames(): number {
    if (this.named.length === this.tasks.length) return this.#verified;
    const isThere = (etag: string): boolean => this.#byEtag.get(etag)?.state === 'verified';
    return this.named.filter(({ etag }) => isThere(etag)).length;
  }

  list(): DownloadFile[] {
    return this.named.map(({ path: name, size, etag }) => {
      const task = this.#byEtag.get(etag);
      return {
        path: name,
        sizeBytes: size,
        bytes: task?.bytes ?? 0,
        state: task?.state ?? 'waiting',
      };
    });
  }

  /** Looks whether every proven file is still there; those that are not are to be fetched again. */
  async forgetGone(places: RepoPlaces): Promise<FileTask[]> {
    const there = await Promise.all(this.tasks.map(({ file }) => hasBlob(places, file)));
    const gone = this.tasks.filter((_, at) => !there[at]);
    for (const task of gone) task.forget();
    this.#verified -= gone.length;
    return gone;
  }
}
