import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LogLine, LogPage, LogRun } from '@shared/domain/log';
import { type PostMortem, StoredPostMortem } from '@shared/domain/post-mortem';
import type { Settings } from '@shared/domain/settings';
import { DomainError } from '@shared/errors';
import { sleep } from '../ports/clock';
import type { Clock, Logger } from '../ports';
import { pieceFile } from './rotation';
import { failureFile, RunLog } from './run-log';
import { readMeta, type RunMeta } from './run-meta';
import { type Stretch, walkLines } from './run-reader';

export interface LogServiceOptions {
  readonly folder: string;
  readonly settings: () => Pick<Settings, 'logFileMegabytes' | 'logFilesKept'>;
  readonly clock: Clock;
  readonly logger: Logger;
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
}

const MEGABYTE = 1_000_000;
const MAX_HITS = 10_000;
const CATCH_UP_MS = 25;
/** A flood is rotated about once a second: a page is whole at the first or second try. */
const READ_ATTEMPTS = 5;

/** A run as it lies on disk. */
interface StoredRun {
  readonly run: number;
  readonly meta: RunMeta;
  readonly stretches: readonly Stretch[];
  readonly endLine: number;
}

/** The logs of all servers: one folder per profile, one set of files per run. */
export class LogService {
  readonly #options: LogServiceOptions;
  /** Open runs by profile. */
  readonly #live = new Map<string, RunLog>();
  /** Ends of runs that were read from disk once. */
  readonly #stored = new Map<string, StoredRun>();
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor(options: LogServiceOptions) {
    this.#options = options;
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
      (await this.#readNewest(input, run)) ??
      this.#undisturbed(input.profileId, () => this.#readPage(input, run))
    );
  }

  /** The end of the log that is being written: from memory, which no rotation disturbs. */
  async #readNewest(input: ReadInput, run: number): Promise<LogPage | undefined> {
    const live = this.#live.get(input.profileId);
    if (live?.run !== run || input.from >= 0 || input.limit < -input.from) return undefined;
    const stored = await this.#load(input.profileId, run);
    if (!stored) return undefined;
    const described = await this.#describe(input.profileId, stored);
    const lines = live.newest(-input.from)?.filter(({ n }) => n >= described.firstLine);
    return lines && { run: { ...described, endLine: live.endLine }, lines };
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
    await walkLines(stored.meta, stored.stretches, from, (line) => {
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
    await walkLines(stored.meta, stored.stretches, 0, (line) => {
      if (line.text.toLowerCase().includes(query)) lines.push(line.n);
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
    this.#forget(profileId);
    await rm(this.#folder(profileId), { recursive: true, force: true });
  }

  /** Removes the logs of every server; those of open runs stay. */
  async removeAll(): Promise<void> {
    for (const entry of await readdir(this.#options.folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || this.#live.has(entry.name)) continue;
      this.#forget(entry.name);
      await rm(path.join(this.#options.folder, entry.name), { recursive: true, force: true });
    }
  }

  /** Bytes and files of all logs. */
  async usage(): Promise<{ bytes: number; count: number }> {
    const found = { bytes: 0, count: 0 };
    const entries = await readdir(this.#options.folder, { recursive: true }).catch(() => []);
    for (const name of entries.filter((entry) => /\.(log|jsonl?)$/.test(entry))) {
      // A file that was rotated away while it is counted holds nothing any more.
      const info = await stat(path.join(this.#options.folder, name)).catch(() => undefined);
      found.bytes += info?.size ?? 0;
      if (name.endsWith('.log')) found.count += 1;
    }
    return found;
  }

  /** Stops tailing; what runs goes on writing into its file. */
  async close(): Promise<void> {
    await Promise.all([...this.#live.values()].map((log) => log.close()));
    this.#live.clear();
  }

  async #open(profileId: string, run: number, meta?: RunMeta): Promise<RunLog> {
    const { clock, logger, settings } = this.#options;
    const log = new RunLog({
      folder: this.#folder(profileId),
      run,
      clock,
      logger,
      limitBytes: () => settings().logFileMegabytes * MEGABYTE,
      publish: (lines) => this.#options.publish(profileId, run, lines),
      isFollowed: () => this.#options.isFollowed(profileId),
      onRotated: () => this.#prune(profileId),
      ...(meta ? { meta } : {}),
    });
    await log.open();
    this.#live.set(profileId, log);
    await this.#prune(profileId);
    return log;
  }

  /** Keeps the newest files of a server over all its runs (O1). */
  async #prune(profileId: string): Promise<void> {
    const folder = this.#folder(profileId);
    const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.log'));
    const sorted = files.sort((a, b) => compareFiles(b, a));
    for (const name of sorted.slice(this.#options.settings().logFilesKept)) {
      await rm(path.join(folder, name), { force: true });
    }
    const kept = new Set(sorted.slice(0, this.#options.settings().logFilesKept).map(runOf));
    for (const run of await runNumbers(folder)) {
      if (kept.has(run)) continue;
      this.#stored.delete(`${profileId}/${run}`);
      for (const name of [`${run}.meta.jsonl`, `${run}.failure.json`])
        await rm(path.join(folder, name), { force: true });
    }
  }

  async #pick(profileId: string, run: number | undefined): Promise<number | undefined> {
    const numbers = await runNumbers(this.#folder(profileId));
    if (run === undefined) return numbers.length === 0 ? undefined : Math.max(...numbers);
    if (numbers.includes(run)) return run;
    throw new DomainError(
      'not_found',
      `There is no log of run ${run}; kept are ${numbers.join(', ') || 'none'}.`,
    );
  }

  async #load(profileId: string, run: number): Promise<StoredRun | undefined> {
    const live = this.#live.get(profileId);
    if (live?.run === run) {
      // What was just written belongs to it; a flood is not waited for.
      await Promise.race([live.flush(), sleep(this.#options.clock, CATCH_UP_MS)]);
      return {
        run,
        meta: live.meta,
        stretches: await existing(live.stretches()),
        endLine: live.endLine,
      };
    }
    const key = `${profileId}/${run}`;
    const known = this.#stored.get(key);
    if (known) return { ...known, stretches: await existing(known.stretches) };
    const folder = this.#folder(profileId);
    const meta = await readMeta(path.join(folder, `${run}.meta.jsonl`));
    if (!meta) return undefined;
    const current = path.join(folder, `${run}.log`);
    const all = [
      ...meta.pieces.map(({ piece }, index) => ({
        file: pieceFile(current, piece),
        from: meta.pieces[index - 1]?.to ?? 0,
      })),
      { file: current, from: meta.pieces.at(-1)?.to ?? 0 },
    ];
    const stored = {
      run,
      meta,
      stretches: all,
      endLine: meta.end?.n ?? (await countLines(meta, all)),
    };
    this.#stored.set(key, stored);
    return { ...stored, stretches: await existing(all) };
  }

  async #describe(profileId: string, stored: StoredRun): Promise<LogRun> {
    const { run, meta, stretches, endLine } = stored;
    const oldest = stretches[0]?.from ?? 0;
    const sizes = await Promise.all(
      stretches.map(({ file }) =>
        stat(file).then(
          (info) => info.size,
          () => 0,
        ),
      ),
    );
    const running = this.#live.get(profileId)?.run === run && !meta.end;
    return {
      run,
      startedAt: meta.startedAt,
      ...(meta.end ? { endedAt: meta.end.time, ended: meta.end.ended } : {}),
      ...(!meta.end && !running ? { ended: 'the manager ended' } : {}),
      outcome: meta.end?.outcome ?? (running ? 'running' : 'stopped'),
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      firstLine: oldest === 0 ? 0 : (meta.marks.find((mark) => mark.at >= oldest)?.n ?? 0),
      endLine,
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

  #forget(profileId: string): void {
    for (const key of this.#stored.keys()) {
      if (key.startsWith(`${profileId}/`)) this.#stored.delete(key);
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

async function runNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => {
    const match = /^(\d+)\.meta\.jsonl$/.exec(name);
    return match ? [Number(match[1])] : [];
  });
}

const runOf = (name: string): number => Number(name.split('.')[0]);

/** By run, then by piece; the current file of a run is its newest. */
function compareFiles(a: string, b: string): number {
  const key = (name: string): [number, number] => {
    const [run, piece] = name.split('.');
    return [Number(run), piece === 'log' ? Number.POSITIVE_INFINITY : Number(piece)];
  };
  const [runA, pieceA] = key(a);
  const [runB, pieceB] = key(b);
  return runA - runB || (pieceA === pieceB ? 0 : pieceA - pieceB);
}

async function existing(stretches: readonly Stretch[]): Promise<Stretch[]> {
  const there = await Promise.all(
    stretches.map(({ file }) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return stretches.filter((_, index) => there[index]);
}

/** Lines of a run whose manager died: counted from its last mark. */
async function countLines(meta: RunMeta, stretches: readonly Stretch[]): Promise<number> {
  let last = meta.notes.at(-1)?.n ?? -1;
  await walkLines(meta, stretches, meta.marks.at(-1)?.n ?? 0, (line) => {
    last = Math.max(last, line.n);
    return true;
  });
  return last + 1;
}
