import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogLine, LogPage, LogRun } from '@shared/domain/log';
import { type PostMortem, StoredPostMortem } from '@shared/domain/post-mortem';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import type { Clock, Logger } from '../ports';
import { sleep } from '../ports/clock';
import { DiskGuard } from './disk-guard';
import type { RequestLines } from './log-screen';
import { failureFile, measureFiles, pruneFiles, runNumbers } from './run-files';
import { RunLog } from './run-log';
import { readMeta, type RunMeta } from './run-meta';
import { walkLines } from './run-reader';
import { describeRun, type StoredRun, StoredRuns } from './stored-runs';

export interface LogServiceOptions {
  readonly folder: string;
  readonly settings: () => Pick<Settings, 'logFileMegabytes' | 'logFilesKept'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What engines write for each request: those for the manager's own are told apart. */
  readonly requestLines: readonly RequestLines[];
  /** What may never be shown of a profile, though its engine printed it. */
  readonly secretsOf: (profileId: string) => readonly string[];
  readonly publish: (profileId: string, run: number, lines: LogLine[]) => void;
  readonly isFollowed: (profileId: string) => boolean;
}

export interface ReadInput {
  readonly profileId: string;
  readonly run?: number | undefined;
  readonly from: number;
  readonly limit: number;
}

export interface SearchInput {
  readonly profileId: string;
  readonly run?: number | undefined;
  readonly query: string;
  /** Also in the lines about the manager's own requests. */
  readonly probes: boolean;
}

const MEGABYTE = 1_000_000;
const MAX_HITS = 10_000;
const CATCH_UP_MS = 25;
/** A flood is rotated about once a second: a page is whole at the first or second try. */
const READ_ATTEMPTS = 5;

/** The logs of all servers: one folder per profile, one set of files per run. */
export class LogService {
  readonly #options: LogServiceOptions;
  /** The newest run of each profile that was opened here, also after its end. */
  readonly #live = new Map<string, RunLog>();
  readonly #stored: StoredRuns;
  readonly #guard: DiskGuard;
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor(options: LogServiceOptions) {
    const { folder, clock, logger, requestLines } = options;
    this.#options = options;
    const { secretsOf } = options;
    this.#stored = new StoredRuns({
      folder: (profileId) => this.#folder(profileId),
      requestLines,
      secrets: secretsOf,
    });
    this.#guard = new DiskGuard({
      folder,
      clock,
      onChange: (isFull, freeBytes) => this.#onDisk(isFull, freeBytes),
      onError: (error) => logger.warn('The disk of the logs cannot be looked at', { error }),
    });
  }

  /** A new run's log; its number follows the newest one's. */
  openRun(profileId: string): Promise<RunLog> {
    return this.#serially(profileId, async () => {
      const folder = this.#folder(profileId);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await this.#live.get(profileId)?.close();
      const run = Math.max(0, ...(await runNumbers(folder))) + 1;
      return this.#open(profileId, run);
    });
  }

  /** Goes on with the log of a server that an earlier manager started. */
  resumeRun(profileId: string, run: number): Promise<RunLog> {
    return this.#serially(profileId, async () => {
      await mkdir(this.#folder(profileId), { recursive: true, mode: 0o700 });
      const meta = await readMeta(path.join(this.#folder(profileId), `${run}.meta.jsonl`));
      return this.#open(profileId, run, meta);
    });
  }

  /** Every run that is kept, the newest first. */
  async runs(profileId: string): Promise<LogRun[]> {
    const numbers = await runNumbers(this.#folder(profileId));
    const stored = await Promise.all(numbers.map((run) => this.#load(profileId, run)));
    const known = stored.filter((run) => run !== undefined);
    const runs = await Promise.all(known.map((run) => this.#describe(profileId, run)));
    return runs.sort((a, b) => b.run - a.run);
  }

  async read(input: ReadInput): Promise<LogPage> {
    const run = await this.#pick(input.profileId, input.run);
    if (run === undefined) return { run: null, lines: [] };
    return (
      (await this.#readHeld(input, run)) ??
      this.#undisturbed(input.profileId, () => this.#readPage(input, run))
    );
  }

  /** The end of the log that is being written: from memory, which no rotation and no full disk disturbs. */
  async #readHeld(input: ReadInput, run: number): Promise<LogPage | undefined> {
    const live = this.#liveRun(input.profileId, run);
    if (!live) return undefined;
    const stored = await this.#load(input.profileId, run);
    if (!stored) return undefined;
    const described = await this.#describe(input.profileId, stored);
    // The newest are asked for most, and from the end on only memory knows what that is.
    const endLine = live.endLine;
    const isTail = input.from < 0 && input.limit >= -input.from;
    if (!isTail && !live.hasLost) return undefined;
    const asked = input.from < 0 ? endLine + input.from : input.from;
    const lines = live.held(Math.max(described.firstLine, asked), input.limit);
    return lines && { run: { ...described, endLine }, lines };
  }

  async #readPage(input: ReadInput, run: number): Promise<LogPage> {
    const stored = await this.#load(input.profileId, run);
    if (!stored) return { run: null, lines: [] };
    const described = await this.#describe(input.profileId, stored);
    const from = Math.max(
      described.firstLine,
      input.from < 0 ? described.endLine + input.from : input.from,
    );
    const lines: LogLine[] = [];
    await walkLines(stored, from, (line) => {
      lines.push(line);
      return lines.length < input.limit;
    });
    return { run: described, lines };
  }

  async search(input: SearchInput): Promise<{ lines: number[]; truncated: boolean }> {
    const run = await this.#pick(input.profileId, input.run);
    if (run === undefined) return { lines: [], truncated: false };
    return this.#undisturbed(input.profileId, () => this.#searchRun(input, run));
  }

  async #searchRun(
    input: SearchInput,
    run: number,
  ): Promise<{ lines: number[]; truncated: boolean }> {
    const stored = await this.#load(input.profileId, run);
    if (!stored) return { lines: [], truncated: false };
    const query = input.query.toLowerCase();
    const lines: number[] = [];
    await walkLines(stored, 0, (line) => {
      const isSearched = input.probes || line.source !== 'probe';
      if (isSearched && line.text.toLowerCase().includes(query)) lines.push(line.n);
      return lines.length <= MAX_HITS;
    });
    return { lines: lines.slice(0, MAX_HITS), truncated: lines.length > MAX_HITS };
  }

  /** What was known when a run failed; null where it did not, or is no longer kept. */
  async failure(profileId: string, run?: number): Promise<PostMortem | null> {
    const picked = await this.#pick(profileId, run);
    if (picked === undefined) return null;
    const file = failureFile(path.join(this.#folder(profileId), `${picked}.log`));
    const text = await readFile(file, 'utf8').catch(() => undefined);
    return text === undefined ? null : StoredPostMortem.parse(JSON.parse(text));
  }

  async removeProfile(profileId: string): Promise<void> {
    await this.#live.get(profileId)?.close();
    this.#live.delete(profileId);
    this.#stored.forget(profileId);
    await rm(this.#folder(profileId), { recursive: true, force: true });
  }

  /** Removes the logs of every server; those of open runs stay. */
  async removeAll(): Promise<void> {
    for (const entry of await readdir(this.#options.folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || this.#live.has(entry.name)) continue;
      this.#stored.forget(entry.name);
      await rm(path.join(this.#options.folder, entry.name), { recursive: true, force: true });
    }
  }

  /** Bytes and files of all logs. */
  usage(): Promise<{ bytes: number; count: number }> {
    return measureFiles(this.#options.folder);
  }

  /** Stops reading; what runs goes on writing into its file. */
  async close(): Promise<void> {
    this.#guard.stop();
    await Promise.all([...this.#live.values()].map((log) => log.close()));
    this.#live.clear();
  }

  async #open(profileId: string, run: number, meta?: RunMeta): Promise<RunLog> {
    const { clock, logger, settings, requestLines } = this.#options;
    const log = new RunLog({
      folder: this.#folder(profileId),
      run,
      clock,
      logger,
      requestLines,
      secrets: () => this.#options.secretsOf(profileId),
      limitBytes: () => settings().logFileMegabytes * MEGABYTE,
      publish: (lines) => this.#options.publish(profileId, run, lines),
      isFollowed: () => this.#options.isFollowed(profileId),
      onNoRoom: () => this.#guard.refused(),
      onRotated: () => this.#prune(profileId),
      ...(meta ? { meta } : {}),
    });
    await log.open();
    this.#live.set(profileId, log);
    log.setDiskFull(this.#guard.isFull);
    this.#guard.start();
    await this.#prune(profileId);
    return log;
  }

  #onDisk(isFull: boolean, freeBytes: number): void {
    const { logger, folder } = this.#options;
    if (isFull)
      logger.warn('The disk is full: logs are kept in memory only', { folder, freeBytes });
    else logger.info('The disk has room for logs again', { folder, freeBytes });
    for (const log of this.#live.values()) log.setDiskFull(isFull);
  }

  async #prune(profileId: string): Promise<void> {
    const kept = this.#options.settings().logFilesKept;
    for (const run of await pruneFiles(this.#folder(profileId), kept))
      this.#stored.forget(profileId, run);
  }

  async #pick(profileId: string, run: number | undefined): Promise<number | undefined> {
    const numbers = await runNumbers(this.#folder(profileId));
    if (run === undefined) return numbers.length === 0 ? undefined : Math.max(...numbers);
    if (numbers.includes(run)) return run;
    throw new DomainError(
      'not_found',
      `There is no log for run ${run}; runs with a log: ${numbers.join(', ') || 'none'}.`,
    );
  }

  /** The log of this run where it is at hand, with all that was written to it. */
  #liveRun(profileId: string, run: number): RunLog | undefined {
    const live = this.#live.get(profileId);
    const isWhole = live?.meta.end === undefined || live.meta.end.n !== undefined;
    return live?.run === run && isWhole ? live : undefined;
  }

  async #load(profileId: string, run: number): Promise<StoredRun | undefined> {
    const live = this.#liveRun(profileId, run);
    if (!live) return this.#stored.load(profileId, run);
    // What was just written belongs to it; a flood is not waited for.
    await Promise.race([live.flush(), sleep(this.#options.clock, CATCH_UP_MS)]);
    return this.#stored.live(live);
  }

  async #describe(profileId: string, stored: StoredRun): Promise<LogRun> {
    const live = this.#liveRun(profileId, stored.run);
    const described = await describeRun(stored, live !== undefined);
    // What was given up on a full disk may still be in memory.
    const held = live?.hasLost ? live.firstHeld : undefined;
    return {
      ...described,
      firstLine: Math.min(described.firstLine, held ?? Number.POSITIVE_INFINITY),
    };
  }

  /** Reads again what was read while the file was cut: a place in it then holds other lines. */
  async #undisturbed<T>(profileId: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#live.get(profileId)?.rotations ?? 0;
      const result = await work();
      const after = this.#live.get(profileId)?.rotations ?? 0;
      const isWhole = before === after && before % 2 === 0;
      if (isWhole || attempt === READ_ATTEMPTS) return result;
      await sleep(this.#options.clock, CATCH_UP_MS);
    }
  }

  #folder(profileId: string): string {
    return path.join(this.#options.folder, profileId);
  }

  /** Two runs of one profile never get the same number. */
  #serially<T>(profileId: string, work: () => Promise<T>): Promise<T> {
    const before = this.#opening.get(profileId) ?? Promise.resolve();
    const next = before.then(work, work);
    this.#opening.set(
      profileId,
      next.catch(() => undefined),
    );
    return next;
  }
}
