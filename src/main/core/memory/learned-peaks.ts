import { z } from 'zod';

import type { Clock, DocumentStore, Logger } from '../ports';
import { Background } from '../ports/background';
import type { DocumentSpec } from '../storage/document-recovery';
import { JsonDocument } from '../storage/json-document';
import type { NoticeBoard } from '../notices/notice-board';

const Peak = z.object({
  profileId: z.string(),
  /** What the figure was measured with: a change of it makes it worthless. */
  digest: z.string(),
  /** Of the process tree. */
  bytes: z.number().positive(),
  at: z.string(),
});
type Peak = z.infer<typeof Peak>;

interface Stored {
  readonly peaks: readonly Peak[];
}

const SPEC: DocumentSpec = {
  name: 'memory peaks',
  version: 1,
  keys: {
    peaks: {
      kind: 'list',
      item: Peak,
      fieldDefaults: {},
      uniqueBy: 'profileId',
      nameOf: ({ profileId }) => `The peak of profile ${String(profileId)}`,
    },
  },
  migrations: {},
};

/** Growth that is written at once, as a share; less waits. */
const WORTH_WRITING = 0.05;
/** The longest that what was seen is kept in memory alone. */
const WRITE_AFTER_MS = 60_000;

export interface LearnedPeaksOptions {
  readonly document: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
}

/**
 * The most memory that each profile's server was seen to take while it worked, with the settings that it
 * had. It is the largest figure seen, not the largest possible: it grows when a longer prompt comes.
 */
export class LearnedPeaks {
  readonly #options: LearnedPeaksOptions;
  readonly #document: JsonDocument<Stored>;
  readonly #background: Background;
  #peaks = new Map<string, Peak>();
  #cancel: (() => void) | undefined;

  constructor(options: LearnedPeaksOptions) {
    const { document: store, ...rest } = options;
    this.#options = options;
    this.#background = new Background(options.logger);
    this.#document = new JsonDocument<Stored>({ ...rest, store, spec: SPEC });
  }

  async load(): Promise<void> {
    await this.#document.load();
    this.#peaks = new Map(this.#document.value.peaks.map((peak) => [peak.profileId, peak]));
  }

  /** Bytes; undefined where nothing was learned with these settings. */
  get(profileId: string, digest: string): number | undefined {
    const peak = this.#peaks.get(profileId);
    return peak?.digest === digest ? peak.bytes : undefined;
  }

  /** A server was measured while it worked. @returns whether that is a new peak. */
  observe(profileId: string, digest: string, bytes: number): boolean {
    const known = this.get(profileId, digest) ?? 0;
    if (bytes <= known) return false;
    const at = new Date(this.#options.clock.now()).toISOString();
    this.#peaks.set(profileId, { profileId, digest, bytes, at });
    const written = this.#document.value.peaks.find((peak) => peak.profileId === profileId);
    const base = written?.digest === digest ? written.bytes : 0;
    if (bytes >= base * (1 + WORTH_WRITING)) this.#writeLater(0);
    else this.#writeLater(WRITE_AFTER_MS);
    return true;
  }

  /** Profiles that are gone take what was learned with them. */
  keepOnly(profileIds: readonly string[]): void {
    const kept = new Set(profileIds);
    const gone = [...this.#peaks.keys()].filter((id) => !kept.has(id));
    if (gone.length === 0) return;
    for (const id of gone) this.#peaks.delete(id);
    this.#writeLater(0);
  }

  /** What is not written yet, is. */
  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const peaks = [...this.#peaks.values()];
    if (JSON.stringify(peaks) === JSON.stringify(this.#document.value.peaks)) return;
    try {
      await this.#document.update(() => ({ peaks }));
    } catch (error) {
      // Nothing is lost but what later runs will show again.
      this.#options.logger.warn('What was learned of memory could not be kept', {
        error: String(error),
      });
    }
  }

  /** Ends with everything written. */
  async stop(): Promise<void> {
    await this.#background.settled();
    await this.flush();
  }

  #writeLater(ms: number): void {
    if (ms > 0 && this.#cancel) return;
    this.#cancel?.();
    this.#cancel = this.#options.clock.setTimeout(
      () => this.#background.run('keep what was learned of memory', () => this.flush()),
      ms,
    );
  }
}
