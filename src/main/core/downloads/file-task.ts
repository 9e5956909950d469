import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { DownloadFile } from '@shared/domain/download';

import type { RepoFile } from '../hub/model-files';
import type { Logger } from '../ports';
import { syncFolder } from '../storage/durable-file';
import { hasBlob, type RepoPlaces } from './cache-layout';
import { type FileLock, tryLock } from './flock';
import type { FileHash, Hasher } from './hasher';
import { PartFile, recover } from './part-file';
import { firstGap, frontier, type Range, type Ranges, sizeOf, withRange } from './ranges';

/** The bytes are all there and are not those that were promised. */
export class BadHashError extends Error {
  constructor(path: string) {
    super(`${path} is not what Hugging Face promised`);
    this.name = 'BadHashError';
  }
}

/** The file is fetched from its beginning: requests for parts of it are over. */
export class RestartError extends Error {
  override readonly name = 'RestartError';
}

export interface FileTaskOptions {
  readonly places: RepoPlaces;
  readonly jobId: string;
  /** Folder of the job, for journals. */
  readonly folder: string;
  readonly bootId: string;
  readonly hasher: Hasher;
  readonly logger: Logger;
}

/** A file that is smaller is fetched again after a kill: a journal of it would cost more. */
const JOURNAL_BYTES = 1 << 20;
/** The hash follows in steps of this size. */
const HASH_STEP = 4 << 20;

/** One file on its way to the disk: which bytes are there, who fetches which others, and its hash. */
export class FileTask {
  readonly file: RepoFile;
  readonly #options: FileTaskOptions;
  #state: DownloadFile['state'] = 'waiting';
  #part: PartFile | undefined;
  #lock: FileLock | undefined;
  #hash: FileHash | undefined;
  #hashedTo = 0;
  #assigned: Ranges = [];
  #attempts = 0;
  #isDownloaded = false;
  #isOpening = false;
  #restart = new AbortController();
  /** Bytes of it on disk while it is not open. */
  #kept = 0;
  /** The server gives only whole files. */
  isWhole = false;
  /** Where its bytes come from after the hub's redirect, and until when that is good (monotonic, ms). */
  source: { readonly url: URL; readonly until: number } | undefined;
  /** Another program fetches it: not to be tried before (monotonic, ms). */
  lockedUntil = 0;

  constructor(file: RepoFile, options: FileTaskOptions) {
    this.file = file;
    this.#options = options;
  }

  get state(): DownloadFile['state'] {
    return this.#state;
  }

  /** Bytes that are on disk. */
  get bytes(): number {
    if (this.#state === 'verified') return this.file.size;
    return this.#part ? sizeOf(this.#part.ranges) : this.#kept;
  }

  /** It was not there before: this task has put it in its place. */
  get isDownloaded(): boolean {
    return this.#isDownloaded;
  }

  get isOpen(): boolean {
    return this.#part !== undefined;
  }

  get isOpening(): boolean {
    return this.#isOpening;
  }

  get isFull(): boolean {
    return this.#part !== undefined && this.bytes >= this.file.size && this.#state === 'running';
  }

  /** Aborts when everything about the file begins anew. */
  get restarted(): AbortSignal {
    return this.#restart.signal;
  }

  /** Known to be whole and right from an earlier run. */
  markVerified(): void {
    this.#state = 'verified';
  }

  /** Looks how much of it an earlier run left. */
  async resume(): Promise<void> {
    const { places, jobId, bootId } = this.#options;
    const { size, etag } = this.file;
    const journal = this.#journalPath;
    if (journal === undefined) return;
    this.#kept = sizeOf(await recover(places.part(etag, jobId), size, journal, bootId));
  }

  /**
   * Makes ready to write: takes the lock, and looks whether the file has come by another way meanwhile.
   * @returns `locked` while another program fetches it, `verified` when it is there and right.
   */
  async open(signal: AbortSignal): Promise<'open' | 'locked' | 'verified'> {
    const { places, logger, jobId, bootId } = this.#options;
    this.#isOpening = true;
    try {
      this.#lock ??= await tryLock(places.lock(this.file.etag), logger);
      if (!this.#lock) return 'locked';
      if (await this.#isThere(signal)) return 'verified';
      const { size, etag } = this.file;
      await mkdir(places.blobs, { recursive: true });
      const part = places.part(etag, jobId);
      this.#part = await PartFile.open(part, size, this.#journalPath, bootId);
      this.#state = 'running';
      this.#followHash();
      return 'open';
    } finally {
      this.#isOpening = false;
    }
  }

  /** The next bytes that nobody has and nobody fetches. */
  takePiece(limit: number): Range | undefined {
    if (!this.#part || this.#state !== 'running') return undefined;
    if (this.isWhole && this.#assigned.length > 0) return undefined;
    const taken = this.#assigned.reduce(withRange, this.#part.ranges);
    const piece = firstGap(taken, this.file.size, this.isWhole ? this.file.size : limit);
    if (piece) this.#assigned = [...this.#assigned, piece];
    return piece;
  }

  /** What was fetched of the piece is written; the rest may be taken again. */
  releasePiece(piece: Range): void {
    this.#assigned = this.#assigned.filter((range) => range !== piece);
  }

  async write(start: number, chunks: readonly Buffer[]): Promise<void> {
    if (!this.#part) throw new RestartError();
    await this.#part.write(start, chunks);
    this.#followHash();
  }

  /** Begins anew from the first byte, and ends requests that are under way. */
  async restart(): Promise<void> {
    this.#assigned = [];
    this.#restart.abort(new RestartError());
    this.#restart = new AbortController();
    this.#stopHash();
    this.source = undefined;
    this.#kept = 0;
    await this.#part?.empty();
    this.#state = this.#part ? 'running' : 'waiting';
  }

  /**
   * Proves a full file by its hash and puts it in its place.
   * @throws BadHashError when it is wrong for the second time; the first time it begins anew.
   */
  async finish(): Promise<'verified' | 'again'> {
    this.#state = 'verifying';
    try {
      this.#followHash();
      const digest = await this.#hash?.digest();
      this.#hash = undefined;
      if (digest !== this.file.etag) return await this.#again();
      await this.#moveToItsPlace();
    } catch (error) {
      if (this.#part) this.#state = 'running';
      this.#stopHash();
      throw error;
    }
    await this.#unlock();
    return 'verified';
  }

  /** Ends what proves it, which may take long; {@link finish} then rejects. */
  stopProving(): void {
    this.#hash?.close();
  }

  /** What was there and proven has gone again. */
  forget(): void {
    this.#state = 'waiting';
    this.#kept = 0;
  }

  /** As after a wrong hash, for a file whose length is not the promised one. */
  async wrongLength(): Promise<void> {
    await this.#again();
  }

  /** Lets go of everything; what is on disk stays. */
  async close(): Promise<void> {
    this.#stopHash();
    const part = this.#part;
    if (part) this.#kept = this.#journalPath === undefined ? 0 : this.bytes;
    this.#part = undefined;
    if (this.#state === 'running' || this.#state === 'verifying') this.#state = 'waiting';
    await part?.close();
    await this.#unlock();
  }

  get #journalPath(): string | undefined {
    const { size, etag } = this.file;
    if (size <= JOURNAL_BYTES) return undefined;
    return path.join(this.#options.folder, `${etag}.ranges`);
  }

  async #moveToItsPlace(): Promise<void> {
    const part = this.#part;
    if (!part) throw new RestartError();
    await part.sync();
    await part.close();
    this.#kept = this.file.size;
    this.#part = undefined;
    const { blobs, blob } = this.#options.places;
    await rename(part.path, blob(this.file.etag));
    // Only now may be forgotten which bytes are there.
    await syncFolder(blobs);
    await part.removeJournal();
    this.#state = 'verified';
    this.#isDownloaded = true;
  }

  #stopHash(): void {
    this.#hash?.close();
    this.#hash = undefined;
    this.#hashedTo = 0;
  }

  async #again(): Promise<'again'> {
    this.#attempts += 1;
    if (this.#attempts > 1) throw new BadHashError(this.file.path);
    this.#options.logger.warn('A file was not what Hugging Face promised and is downloaded again', {
      file: this.file.path,
    });
    await this.restart();
    return 'again';
  }

  /** A blob of the right size is proven like one that we fetched; a wrong one goes. */
  async #isThere(signal: AbortSignal): Promise<boolean> {
    const { places, hasher, logger } = this.#options;
    if (!(await hasBlob(places, this.file))) {
      const blob = places.blob(this.file.etag);
      if (await stat(blob).catch(() => undefined)) await rm(blob, { force: true });
      return false;
    }
    this.#state = 'verifying';
    const { etag, size } = this.file;
    const digest = await hasher.hashFile(places.blob(etag), etag, size, { signal });
    this.#state = 'waiting';
    if (digest === etag) {
      this.#state = 'verified';
      await this.#unlock();
      return true;
    }
    logger.warn('A damaged file is downloaded again', { file: this.file.path });
    // Where it is a link into the store that repositories share, the link alone.
    await rm(places.blob(etag), { force: true });
    return false;
  }

  #followHash(): void {
    const part = this.#part;
    if (!part) return;
    const there = frontier(part.ranges);
    if (there !== this.file.size && there - this.#hashedTo < HASH_STEP) return;
    this.#hash ??= this.#options.hasher.open(part.path, this.file.etag, this.file.size);
    this.#hash.advance(there);
    this.#hashedTo = there;
  }

  async #unlock(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release();
  }
}
