import path from 'node:path';
import type { LogRun } from '@shared/domain/log';
import type { RequestLines } from './log-screen';
import type { RunLog } from './run-log';
import { readMeta } from './run-meta';
import { countLines, firstLineOf, type RunSource } from './run-reader';
import { existing, segmentsOf, sizeOf } from './segments';

/** A run as it lies on disk, with the number after its last line. */
export interface StoredRun extends RunSource {
  readonly run: number;
  readonly endLine: number;
}

/** The runs on disk; what cannot change any more is read once. */
export class StoredRuns {
  readonly #folder: (profileId: string) => string;
  readonly #requestLines: readonly RequestLines[];
  readonly #secrets: (profileId: string) => readonly string[];
  readonly #known = new Map<string, StoredRun>();

  constructor(options: {
    readonly folder: (profileId: string) => string;
    readonly requestLines: readonly RequestLines[];
    readonly secrets: (profileId: string) => readonly string[];
  }) {
    this.#folder = options.folder;
    this.#requestLines = options.requestLines;
    this.#secrets = options.secrets;
  }

  /** A run that nobody writes to; undefined where nothing of it is kept. */
  async load(profileId: string, run: number): Promise<StoredRun | undefined> {
    const key = `${profileId}/${run}`;
    const known = this.#known.get(key);
    const secrets = this.#secrets(profileId);
    if (known) return { ...known, secrets, segments: await existing(known.segments) };
    const folder = this.#folder(profileId);
    const meta = await readMeta(path.join(folder, `${run}.meta.jsonl`));
    if (!meta) return undefined;
    const all = segmentsOf(meta, path.join(folder, `${run}.log`));
    const source = {
      meta,
      segments: await existing(all),
      requestLines: this.#requestLines,
      secrets,
      isLive: false,
    };
    const stored = { ...source, run, endLine: meta.end?.n ?? (await countLines(source)) };
    this.#known.set(key, { ...stored, segments: all });
    return stored;
  }

  /** The run that is being written. */
  async live(log: RunLog): Promise<StoredRun> {
    return {
      run: log.run,
      meta: log.meta,
      segments: await existing(log.segments()),
      requestLines: this.#requestLines,
      secrets: log.secrets(),
      isLive: log.meta.end === undefined,
      endLine: log.endLine,
    };
  }

  forget(profileId: string, run?: number): void {
    for (const key of this.#known.keys()) {
      if (run === undefined ? key.startsWith(`${profileId}/`) : key === `${profileId}/${run}`)
        this.#known.delete(key);
    }
  }
}

/** What is told of a run. */
export async function describeRun(stored: StoredRun, isRunning: boolean): Promise<LogRun> {
  const { run, meta, segments, endLine } = stored;
  const sizes = await Promise.all(segments.map(({ file }) => sizeOf(file)));
  const running = isRunning && !meta.end;
  return {
    run,
    startedAt: meta.startedAt,
    ...(meta.end ? { endedAt: meta.end.time, ended: meta.end.ended } : {}),
    ...(!meta.end && !running ? { ended: 'the manager ended' } : {}),
    outcome: meta.end?.outcome ?? (running ? 'running' : 'stopped'),
    bytes: sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    firstLine: firstLineOf(meta, segments),
    endLine,
  };
}
