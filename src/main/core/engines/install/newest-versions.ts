import { DomainError } from '@shared/errors';

import { sleep } from '../../ports/clock';
import type { Clock, Logger } from '../../ports';
import type { EngineAdapter } from '../adapters/adapter';
import type { EnginePackages } from './engine-packages';
import { resolveEngine } from './install-engine';
import type { Uv } from './uv';

/** How long an answer of the package index counts. */
const KEEP_MS = 600_000;
/** After no answer, when it may be asked again. */
const RETRY_MS = 30_000;
/** A command waits for this: longer than a slow index needs, shorter than a person's patience. */
const LIMIT_MS = 15_000;

interface Answer {
  readonly at: number;
  readonly version: string | null;
}

export interface NewestVersionsOptions {
  readonly uv: Uv;
  readonly clock: Clock;
  readonly folder: string;
  readonly packages: (adapter: EngineAdapter) => Promise<EnginePackages>;
  readonly logger: Logger;
  readonly onNews: () => void;
}

/** The newest version of each engine in the package index. */
export class NewestVersions {
  readonly #uv: Uv;
  readonly #clock: Clock;
  readonly #folder: string;
  readonly #packages: NewestVersionsOptions['packages'];
  readonly #logger: Logger;
  readonly #onNews: () => void;
  readonly #stop = new AbortController();
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, Promise<string | null>>();

  constructor(options: NewestVersionsOptions) {
    this.#uv = options.uv;
    this.#clock = options.clock;
    this.#folder = options.folder;
    this.#packages = options.packages;
    this.#logger = options.logger;
    this.#onNews = options.onNews;
  }

  /**
   * Null when it could not be learned in time.
   * @param quick does not wait: what is known, and the rest when it arrives, by {@link NewestVersionsOptions.onNews}.
   */
  async of(adapter: EngineAdapter, quick: boolean): Promise<string | null> {
    const known = this.#answers.get(adapter.id);
    const age = known ? this.#clock.monotonic() - known.at : Number.POSITIVE_INFINITY;
    if (known && age < (known.version === null ? RETRY_MS : KEEP_MS)) return known.version;
    let asking = this.#asking.get(adapter.id);
    if (!asking) {
      asking = this.#ask(adapter).finally(() => this.#asking.delete(adapter.id));
      this.#asking.set(adapter.id, asking);
    }
    if (quick) return known?.version ?? null;
    const timer = new AbortController();
    try {
      return await Promise.race([
        asking,
        sleep(this.#clock, LIMIT_MS, timer.signal).then(() => known?.version ?? null),
      ]);
    } finally {
      timer.abort();
    }
  }

  /** Ends what is being asked, and waits for that. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#asking.values());
  }

  /** Never rejects: whoever asked may have stopped waiting. */
  async #ask(adapter: EngineAdapter): Promise<string | null> {
    const version = await this.#resolve(adapter);
    const before = this.#answers.get(adapter.id)?.version ?? null;
    this.#answers.set(adapter.id, { at: this.#clock.monotonic(), version });
    if (version !== before) this.#onNews();
    return version;
  }

  /** Null for unknown: a list need not say why, an installation does. */
  async #resolve(adapter: EngineAdapter): Promise<string | null> {
    const { signal } = this.#stop;
    try {
      const { python: range } = adapter;
      const python = await this.#uv.localPython(range, range.prefer, { signal });
      if (!python) return null;
      const call = { signal, limitMs: LIMIT_MS, env: { UV_HTTP_RETRIES: '0' } };
      const packages = await this.#packages(adapter);
      const what = { uv: this.#uv, adapter, packages, version: 'newest', folder: this.#folder };
      return (await resolveEngine({ ...what, python, call, dependencies: false })).version;
    } catch (error) {
      const level = error instanceof DomainError ? 'debug' : 'error';
      this.#logger[level](`The newest version of ${adapter.id} is not known`, {
        error: String(error),
      });
      return null;
    }
  }
}
