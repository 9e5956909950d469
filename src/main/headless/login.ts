import { createHash, randomBytes } from 'node:crypto';

import { z } from 'zod';

import type { Clock, DocumentStore, Logger } from '@core/ports';
import { isSameSecret } from './access';

/** A browser stays logged in for this long. */
const LOGIN_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Older logins are ended when there are more. */
const MAX_LOGINS = 50;
/** Wrong tokens before answers stop, and for how long. */
const MAX_FAILURES = 10;
const FAILURE_WINDOW_MS = 60_000;

const Stored = z.object({
  logins: z.array(z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/), expiresAt: z.number() })),
});

export type LoginResult =
  | { readonly ok: true; readonly cookie: string; readonly maxAgeSeconds: number }
  | { readonly ok: false; readonly retryAfterSeconds?: number };

/** Who is logged in from a browser. Only hashes are kept, so the file logs nobody in. */
export class Logins {
  readonly #token: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #document: DocumentStore;
  readonly #expiry = new Map<string, number>();
  #failures: number[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(options: {
    token: string;
    clock: Clock;
    logger: Logger;
    document: DocumentStore;
  }) {
    this.#token = options.token;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#document = options.document;
  }

  /** Takes up the logins of an earlier run; a damaged file means that browsers log in again. */
  async load(): Promise<void> {
    const text = await this.#document.read();
    if (text === undefined) return;
    const parsed = Stored.safeParse(parseJson(text));
    if (!parsed.success) {
      this.#logger.warn('the list of logins was damaged; browsers have to log in again');
      return;
    }
    for (const { hash, expiresAt } of parsed.data.logins) this.#expiry.set(hash, expiresAt);
  }

  /** Whether this is the token itself, as programs send it. */
  isToken(given: string): boolean {
    return isSameSecret(given, this.#token);
  }

  /** Exchanges the token for a cookie; too many wrong ones are not looked at for a while. */
  async login(given: string): Promise<LoginResult> {
    const now = this.#clock.monotonic();
    this.#failures = this.#failures.filter((time) => now - time < FAILURE_WINDOW_MS);
    const [oldest] = this.#failures;
    if (oldest !== undefined && this.#failures.length >= MAX_FAILURES) {
      const wait = FAILURE_WINDOW_MS - (now - oldest);
      return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)) };
    }
    if (!this.isToken(given)) {
      this.#failures.push(now);
      return { ok: false };
    }
    const cookie = randomBytes(32).toString('base64url');
    this.#expiry.set(hashOf(cookie), this.#clock.now() + LOGIN_DAYS * DAY_MS);
    await this.#store();
    return { ok: true, cookie, maxAgeSeconds: LOGIN_DAYS * 24 * 60 * 60 };
  }

  isLoggedIn(cookie: string): boolean {
    const expiresAt = this.#expiry.get(hashOf(cookie));
    return expiresAt !== undefined && expiresAt > this.#clock.now();
  }

  async logout(cookie: string): Promise<void> {
    if (this.#expiry.delete(hashOf(cookie))) await this.#store();
  }

  /** One write after the other; the newest state wins. */
  #store(): Promise<void> {
    const now = this.#clock.now();
    const live = [...this.#expiry].filter(([, expiresAt]) => expiresAt > now).slice(-MAX_LOGINS);
    this.#expiry.clear();
    for (const [hash, expiresAt] of live) this.#expiry.set(hash, expiresAt);
    const logins = live.map(([hash, expiresAt]) => ({ hash, expiresAt }));
    this.#writing = this.#writing
      .then(() => this.#document.write({ logins }))
      .catch((error: Error) => {
        // The login itself holds until the manager ends.
        this.#logger.warn('the list of logins could not be written', { error: error.message });
      });
    return this.#writing;
  }
}

function hashOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
