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

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Stored = z.object({
  /** Of the token that they were made with: with another one nobody is logged in. */
  token: Hash,
  logins: z.array(z.object({ hash: Hash, key: Hash, expiresAt: z.number() })),
});

interface Login {
  /** Hash of its key. */
  readonly key: string;
  readonly expiresAt: number;
}

export type LoginResult =
  | {
      readonly ok: true;
      readonly cookie: string;
      /** Goes with the cookie, which a browser sends to every port of this machine; this one it keeps for ours. */
      readonly key: string;
      readonly maxAgeSeconds: number;
    }
  | { readonly ok: false; readonly retryAfterSeconds?: number };

/** Who is logged in from a browser. Only hashes are kept, so the file logs nobody in. */
export class Logins {
  readonly #token: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #document: DocumentStore;
  readonly #logins = new Map<string, Login>();
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
      this.#logger.warn(
        'the list of logins is damaged or of an earlier version; browsers have to log in again',
      );
      return;
    }
    if (parsed.data.token !== hashOf(this.#token)) {
      this.#logger.info('the token is another one; browsers have to log in again');
      return;
    }
    for (const { hash, ...login } of parsed.data.logins) this.#logins.set(hash, login);
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
    const key = randomBytes(32).toString('base64url');
    const expiresAt = this.#clock.now() + LOGIN_DAYS * DAY_MS;
    this.#logins.set(hashOf(cookie), { key: hashOf(key), expiresAt });
    await this.#store();
    return { ok: true, cookie, key, maxAgeSeconds: LOGIN_DAYS * 24 * 60 * 60 };
  }

  isLoggedIn(cookie: string, key: string): boolean {
    const login = this.#logins.get(hashOf(cookie));
    return login !== undefined && login.key === hashOf(key) && login.expiresAt > this.#clock.now();
  }

  async logout(cookie: string): Promise<void> {
    if (this.#logins.delete(hashOf(cookie))) await this.#store();
  }

  /** Ends every login. @returns how many there were. */
  async logoutEverywhere(): Promise<number> {
    const count = this.#logins.size;
    this.#logins.clear();
    await this.#store();
    return count;
  }

  /** One write after the other; the newest state wins. */
  #store(): Promise<void> {
    const now = this.#clock.now();
    const live = [...this.#logins].filter(([, one]) => one.expiresAt > now).slice(-MAX_LOGINS);
    this.#logins.clear();
    for (const [hash, login] of live) this.#logins.set(hash, login);
    const logins = live.map(([hash, login]) => ({ hash, ...login }));
    const token = hashOf(this.#token);
    this.#writing = this.#writing
      .then(() => this.#document.write({ token, logins }))
      .catch((error: Error) => {
        // The login itself holds until the manager ends.
        this.#logger.warn('the list of logins could not be written', { error: error.message });
      });
    return this.#writing;
  }
}

/** The token in the body of a login. */
export function tokenIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('token' in body)) return undefined;
  const { token } = body;
  return typeof token === 'string' && token.length <= 512 ? token.trim() : undefined;
}

/** Whether the body of a logout means every login. */
export function isEverywhere(body: unknown): boolean {
  return (
    typeof body === 'object' && body !== null && 'everywhere' in body && body.everywhere === true
  );
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
