import type { Settings } from '@shared/domain/settings';

import type { DownloadRecord, LiveFacts } from './download-record';
import { DownloadRun } from './download-run';
import { limitNow, RateLimit } from './rate-limit';
import { Speed } from './speed';
import type { RunOptions, RunProgress } from './run-options';

/** Why a run was ended from outside. */
type StopReason = 'pause' | 'cancel' | 'quit';

/** A run that was ended from outside ends with this. */
export class Stopped extends Error {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(reason);
    this.name = 'Stopped';
    this.reason = reason;
  }
}

/** What every run is given alike. */
type Common = Pick<RunOptions, 'network' | 'client' | 'hasher' | 'clock' | 'logger' | 'hub'>;

export interface RunningOptions extends Common {
  /** Ms without a byte after which a connection is given up; for tests. */
  readonly stallMs?: number;
  readonly settings: () => Settings;
  readonly own: (record: DownloadRecord) => Pick<RunOptions, 'folder' | 'bootId' | 'onPlan'>;
  /** With `folder`, every file is in its place there. */
  readonly ended: (
    record: DownloadRecord,
    run: DownloadRun,
    outcome: { readonly folder: string } | { readonly error: unknown },
  ) => Promise<void>;
  /** After that: its place is free. */
  readonly free: () => void;
}

const STALL_MS = 30_000;

interface Running {
  readonly run: DownloadRun;
  readonly stop: AbortController;
  readonly speed: Speed;
  readonly ended: Promise<void>;
}

/** The jobs that run now: they share connections, the limit of bytes per second, and the room on a disk. */
export class RunningDownloads {
  readonly #options: RunningOptions;
  readonly #running = new Map<string, Running>();
  readonly #limit: RateLimit;

  constructor(options: RunningOptions) {
    this.#options = options;
    const { clock, settings } = options;
    this.#limit = new RateLimit(clock, () => {
      const { downloadLimitMegabytes, downloadLimitHours } = settings();
      return limitNow(downloadLimitMegabytes, downloadLimitHours, new Date(clock.now()));
    });
  }

  get size(): number {
    return this.#running.size;
  }

  has(id: string): boolean {
    return this.#running.has(id);
  }

  run(id: string): DownloadRun | undefined {
    return this.#running.get(id)?.run;
  }

  begin(record: DownloadRecord): void {
    const stop = new AbortController();
    const run = this.#newRun(record);
    const ended = this.#follow(record, run, stop.signal);
    this.#running.set(record.id, { run, stop, speed: new Speed(), ended });
  }

  /** Resolves when it has ended. */
  async end(id: string, reason: StopReason): Promise<void> {
    const running = this.#running.get(id);
    running?.stop.abort(new Stopped(reason));
    await running?.ended;
  }

  async endAll(reason: StopReason): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.end(id, reason)));
  }

  /** The share of connections may have changed. */
  notify(): void {
    for (const { run } of this.#running.values()) run.notify();
  }

  /** The machine has slept. */
  resumed(): void {
    for (const { run } of this.#running.values()) run.resumed();
  }

  /** Measures how fast each is. */
  look(): void {
    const now = this.#options.clock.monotonic();
    for (const { run, speed } of this.#running.values()) speed.look(run.progress().bytes, now);
  }

  /** How far one is and what else is known while it runs; undefined where it does not. */
  live(
    id: string,
  ): { counts: Pick<RunProgress, 'bytes' | 'total' | 'files'>; facts: LiveFacts } | undefined {
    const running = this.#running.get(id);
    if (!running) return undefined;
    const { waiting, state, connections, ...counts } = running.run.progress();
    const left = counts.total - counts.bytes;
    const eta = waiting === undefined ? running.speed.etaSeconds(left) : undefined;
    const facts: LiveFacts = {
      state,
      connections,
      bytesPerSecond: running.speed.bytesPerSecond,
      ...(eta === undefined ? {} : { etaSeconds: eta }),
      ...(waiting === undefined ? {} : { waiting }),
    };
    return { counts, facts };
  }

  #newRun(record: DownloadRecord): DownloadRun {
    const { network, client, hasher, clock, logger, hub, own } = this.#options;
    const { stallMs = STALL_MS } = this.#options;
    const limit = new RateLimit(clock, () => record.limitBytesPerSecond);
    return new DownloadRun({
      ...{ id: record.id, ref: record.ref, revision: record.revision },
      force: record.force ?? false,
      ...{ network, client, hasher, clock, logger, hub, stallMs },
      ...own(record),
      connections: () => this.#share(),
      pace: (bytes, signal) => {
        const all = this.#limit.take(bytes, signal);
        const mine = limit.take(bytes, signal);
        return all && mine ? Promise.all([all, mine]).then(() => undefined) : (all ?? mine);
      },
      reserved: (device) => this.#reserved(record.id, device),
    });
  }

  async #follow(record: DownloadRecord, run: DownloadRun, signal: AbortSignal): Promise<void> {
    const { ended, free, logger } = this.#options;
    await Promise.resolve(); // until it is among those that run
    try {
      const outcome = await run.run(signal).then(
        (folder) => ({ folder }),
        (error: unknown) => ({ error }),
      );
      await ended(record, run, outcome);
    } catch (error) {
      const { id, ref } = record;
      logger.error('What a download left could not be dealt with', {
        ref,
        id,
        error: String(error),
      });
    } finally {
      this.#running.delete(record.id);
      free();
    }
  }

  /** Connections that each running job may have. */
  #share(): number {
    const { downloadConnections } = this.#options.settings();
    return Math.max(1, Math.floor(downloadConnections / Math.max(1, this.#running.size)));
  }

  /** Bytes that others will still bring to the same disk. */
  #reserved(id: string, device: number): number {
    return [...this.#running]
      .filter(([other, { run }]) => other !== id && run.device === device)
      .reduce((sum, [, { run }]) => sum + run.left, 0);
  }
}
