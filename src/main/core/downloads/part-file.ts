import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';

import { type Range, type Ranges, withRange } from './ranges';

/** What is on disk of a file before it is whole: its bytes, and a journal of which of them are there. */
export class PartFile {
  readonly path: string;
  readonly #journalPath: string | undefined;
  readonly #data: FileHandle;
  readonly #journal: FileHandle | undefined;
  readonly #firstLine: string;
  #ranges: Ranges;
  /** When the file was emptied last; what is written afterwards waits for it. */
  #emptied: Promise<void> = Promise.resolve();
  /** Writes that are under way. */
  readonly #writing = new Set<Promise<Range>>();
  #unsynced = 0;
  #syncing: Promise<void> | undefined;
  /** What a sync in the background met first. */
  #syncError: { readonly error: unknown } | undefined;

  private constructor(
    path: string,
    data: FileHandle,
    journal: { path: string; handle: FileHandle; firstLine: string } | undefined,
    ranges: Ranges,
  ) {
    this.path = path;
    this.#data = data;
    this.#journalPath = journal?.path;
    this.#journal = journal?.handle;
    this.#firstLine = journal?.firstLine ?? '';
    this.#ranges = ranges;
  }

  /**
   * Opens what an earlier run left, or begins anew.
   * @param journalPath left out for a file that is too small to be worth going on with.
   * @param bootId of this boot of the machine: after another one, only what was synced counts.
   */
  static async open(
    path: string,
    size: number,
    journalPath: string | undefined,
    bootId: string,
  ): Promise<PartFile> {
    const ranges = journalPath === undefined ? [] : await recover(path, size, journalPath, bootId);
    const data = await open(path, ranges.length === 0 ? 'w+' : 'r+');
    if (journalPath === undefined) return new PartFile(path, data, undefined, []);
    try {
      const handle = await open(journalPath, 'a');
      const firstLine = `boot ${bootId} ${size}\n`;
      if (ranges.length === 0) await handle.truncate(0);
      await handle.appendFile(firstLine);
      return new PartFile(path, data, { path: journalPath, handle, firstLine }, ranges);
    } catch (error) {
      await data.close();
      throw error;
    }
  }

  get ranges(): Ranges {
    return this.#ranges;
  }

  /** Writes all of it; only then does the range count. Rejects with the system's error. */
  async write(start: number, chunks: readonly Buffer[]): Promise<Range> {
    const writing = this.#write(start, chunks);
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #write(start: number, chunks: readonly Buffer[]): Promise<Range> {
    // A file that is being cut off would lose bytes that count.
    await this.#emptied;
    let left = chunks;
    let at = start;
    while (left.length > 0) {
      const { bytesWritten } = await this.#data.writev([...left], at);
      at += bytesWritten;
      left = without(left, bytesWritten);
    }
    const range = { start, end: at };
    await this.#journal?.appendFile(`${range.start} ${range.end}\n`);
    this.#ranges = withRange(this.#ranges, range);
    this.#unsynced += at - start;
    if (this.#unsynced >= SYNC_BYTES && this.#journal) this.#syncInBackground();
    return range;
  }

  /** Nothing of it counts any more: it was not what it should be. What is written from now on does. */
  empty(): Promise<void> {
    // What is being written would count afterwards, though its bytes were cut off.
    const before = [...this.#writing];
    this.#ranges = [];
    this.#emptied = this.#empty(before);
    return this.#emptied;
  }

  async #empty(before: readonly Promise<Range>[]): Promise<void> {
    await Promise.allSettled(before);
    this.#ranges = [];
    await this.#journal?.truncate(0);
    await this.#journal?.appendFile(this.#firstLine);
    await this.#data.truncate(0);
  }

  /** Resolves when every byte is on the disk itself. Rejects also with what a sync in between met. */
  async sync(): Promise<void> {
    await this.#syncing;
    // The system tells of bytes that it lost once: a second sync would succeed without them.
    if (this.#syncError) throw this.#syncError.error;
    await this.#data.datasync();
    this.#unsynced = 0;
    if (!this.#journal) return;
    await this.#journal.appendFile('synced\n');
    await this.#journal.datasync();
  }

  async close(): Promise<void> {
    await this.#syncing;
    await this.#data.close();
    await this.#journal?.close();
  }

  /** Removes the journal of a file that is whole. */
  async removeJournal(): Promise<void> {
    if (this.#journalPath !== undefined) await rm(this.#journalPath, { force: true });
  }

  /** Now and then, so that a power cut costs little; {@link sync} tells what it met. */
  #syncInBackground(): void {
    if (this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#syncNow()
      .catch((error: unknown) => {
        this.#syncError ??= { error };
      })
      .finally(() => {
        this.#syncing = undefined;
      });
  }

  async #syncNow(): Promise<void> {
    await this.#data.datasync();
    await this.#journal?.appendFile('synced\n');
  }
}

/** After so many bytes what is written is brought to the disk itself. */
const SYNC_BYTES = 256 * 1024 * 1024;

function without(chunks: readonly Buffer[], written: number): Buffer[] {
  let left = written;
  return chunks.flatMap((chunk) => {
    const skipped = Math.min(left, chunk.length);
    left -= skipped;
    return skipped === chunk.length ? [] : [chunk.subarray(skipped)];
  });
}

/** Which bytes of a part file count, by its journal. */
export async function recover(
  path: string,
  size: number,
  journalPath: string,
  bootId: string,
): Promise<Ranges> {
  const [journal, info] = await Promise.all([
    unlessMissing(readFile(journalPath, 'utf8')),
    unlessMissing(stat(path)),
  ]);
  if (journal === undefined || !info?.isFile() || info.size > size) return [];
  return recoverRanges(journal, size, bootId).filter(({ end }) => end <= info.size);
}

/** What cannot be read now is no reason to fetch it all again: every other error is one. */
async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Reads a journal. What was written in an earlier boot of the machine and never synced may not have
 * reached the disk; a line that was cut off by a kill does not count.
 */
export function recoverRanges(journal: string, size: number, bootId: string): Ranges {
  let all: Ranges = [];
  let synced: Ranges = [];
  let boot: string | undefined;
  const lines = journal.split('\n');
  lines.pop(); // what comes after the last line's end: nothing, or half a line
  for (const line of lines) {
    const range = /^(\d+) (\d+)$/.exec(line);
    const begin = /^boot (\S*) (\d+)$/.exec(line);
    if (range) {
      const [start, end] = [Number(range[1]), Number(range[2])];
      if (start < end && end <= size) all = withRange(all, { start, end });
    } else if (line === 'synced') synced = all;
    else if (begin) {
      if (Number(begin[2]) !== size) return [];
      if (boot !== undefined && begin[1] !== boot) all = synced;
      boot = begin[1];
    }
  }
  return boot === bootId && bootId !== '' ? all : synced;
}
