import { createHash, randomBytes, randomInt } from 'node:crypto';

import {
  GATEWAY_KEY_PREFIX,
  type GatewayKey,
  type GatewayKeyCreate,
  type NewGatewayKey,
} from '@shared/domain/gateway';
import { DomainError, messageOf, validationError } from '@shared/errors';
import type { KeyEntry } from '@shared/gateway/target';

import type { NoticeBoard } from '../notices/notice-board';
import type { Clock, DocumentStore, Logger } from '../ports';
import type { Background } from '../ports/background';
import { JsonDocument } from '../storage/json-document';
import { describeKey, GATEWAY_KEYS, keyEntry, type KeyRecord } from './key-document';

export interface KeyStoreOptions {
  readonly document: DocumentStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly notices: NoticeBoard;
  readonly background: Background;
  readonly isKnownProfile: (profileId: string) => boolean;
  /** Keys came, went, or were used. */
  readonly changed: () => void;
}

/** Each request's head is compared with every key. */
const MOST_KEYS = 200;
const KEY_BYTES = 32;
const DAY_MS = 86_400_000;
/** Uses are written so long after the first of them: a document is not written with each request. */
const WRITE_USES_MS = 5000;

interface Stored {
  readonly keys: readonly KeyRecord[];
}

interface Use {
  readonly tokens: number;
  /** Unix ms. */
  readonly at: number;
}

/**
 * The keys of the gateway. A key's text leaves it once, when it is made; what is kept is its hash. Uses count at
 * once and are written together.
 */
export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #document: JsonDocument<Stored>;
  /** Not written yet, by key. */
  readonly #uses = new Map<string, Use>();
  #flushing: Promise<void> = Promise.resolve();
  #cancelWrite: (() => void) | undefined;

  constructor(options: KeyStoreOptions) {
    this.#options = options;
    const { document: store, clock, logger, notices } = options;
    this.#document = new JsonDocument({ store, spec: GATEWAY_KEYS, clock, logger, notices });
  }

  get readOnly(): boolean {
    return this.#document.readOnly;
  }

  load(): Promise<void> {
    return this.#document.load();
  }

  /** Oldest first. */
  list(): GatewayKey[] {
    return this.#records().map(describeKey);
  }

  /** What the data plane checks requests by. */
  entries(): KeyEntry[] {
    return this.#records().map(keyEntry);
  }

  /**
   * Makes a key. Its text is in the answer and nowhere else.
   * @throws DomainError conflict (the name, too many), validation (an unknown profile), read_only, disk_full.
   */
  async add(wanted: GatewayKeyCreate): Promise<NewGatewayKey> {
    const { name, expiresDays, tokenQuota = null } = wanted;
    const profileIds = wanted.profileIds ? [...new Set(wanted.profileIds)] : null;
    this.#checkProfiles(profileIds ?? []);
    const { clock, logger } = this.#options;
    const key = `${GATEWAY_KEY_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
    logger.addSecret?.(key);
    const now = clock.now();
    const record: KeyRecord = {
      ...{ id: newId(), name, hash: hashOf(key), profileIds, tokenQuota, tokensUsed: 0 },
      createdAt: isoTime(now),
      expiresAt: expiresDays === undefined ? null : isoTime(now + expiresDays * DAY_MS),
      lastUsedAt: null,
    };
    await this.#document.update(({ keys }) => {
      checkRoom(keys, name);
      return { keys: [...keys, record] };
    });
    logger.info('Added a gateway key', { id: record.id, name });
    this.#options.changed();
    return { ...describeKey(record), key };
  }

  /** From now on it opens nothing. @throws DomainError not_found, read_only, disk_full. */
  async revoke(keyId: string): Promise<GatewayKey> {
    const record = this.#records().find(({ id }) => id === keyId);
    if (!record) throw new DomainError('not_found', `There is no gateway key ${keyId}.`);
    await this.#document.update(({ keys }) => ({ keys: keys.filter(({ id }) => id !== keyId) }));
    this.#uses.delete(keyId);
    this.#options.logger.info('Revoked a gateway key', { id: keyId, name: record.name });
    this.#options.changed();
    return describeKey(record);
  }

  /** Forgets every key. @throws DomainError read_only, disk_full. */
  async removeAll(): Promise<void> {
    this.#uses.clear();
    if (this.#records().length === 0) return;
    await this.#document.update(() => ({ keys: [] }));
    this.#options.changed();
  }

  /**
   * A request with this key has ended. `given`: tokens of its prompt and its answer; `at`: Unix ms. What it used counts at
   * once; a quota that it used up is told at once too, the rest when it is written.
   */
  noteUse(keyId: string, given: number, at: number): void {
    // Engines say how many there were: what is no number must not become a part of the sum for ever.
    const tokens = Number.isSafeInteger(given) && given > 0 ? given : 0;
    const before = this.#records().find(({ id }) => id === keyId);
    // A key that was revoked while its request ran.
    if (before === undefined) return;
    const known = this.#uses.get(keyId);
    this.#uses.set(keyId, {
      tokens: (known?.tokens ?? 0) + tokens,
      at: Math.max(known?.at ?? 0, at),
    });
    const { clock, background, changed } = this.#options;
    const left = (before.tokenQuota ?? Number.POSITIVE_INFINITY) - before.tokensUsed;
    if (left > 0 && left <= tokens) changed();
    this.#cancelWrite ??= clock.setTimeout(() => {
      this.#cancelWrite = undefined;
      background.run('note uses of gateway keys', () => this.flush());
    }, WRITE_USES_MS);
  }

  /** Writes what is not written yet, once. What cannot be is kept, and written with the next use. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#writeUses());
    return this.#flushing;
  }

  /** Nothing is noted any more; what was is written. */
  async stop(): Promise<void> {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    await this.flush();
  }

  #records(): readonly KeyRecord[] {
    return this.#document.value.keys.map((record) => used(record, this.#uses.get(record.id)));
  }

  async #writeUses(): Promise<void> {
    const written = new Map(this.#uses);
    if (written.size === 0 || this.readOnly) return;
    try {
      await this.#document.update(({ keys }) => ({
        keys: keys.map((record) => used(record, written.get(record.id))),
      }));
    } catch (error) {
      this.#options.logger.warn("Uses of gateway keys couldn't be written", {
        error: messageOf(error),
      });
      return;
    }
    for (const [id, { tokens }] of written) {
      const use = this.#uses.get(id);
      // What came in the meantime is written the next time.
      if (use === undefined || use.tokens === tokens) this.#uses.delete(id);
      else this.#uses.set(id, { ...use, tokens: use.tokens - tokens });
    }
    this.#options.changed();
  }

  #checkProfiles(profileIds: readonly string[]): void {
    const unknown = profileIds.find((id) => !this.#options.isKnownProfile(id));
    if (unknown === undefined) return;
    const message = `profileIds must be ids of profiles; there is no profile ${unknown}.`;
    throw validationError([{ field: 'profileIds', message }]);
  }
}

function checkRoom(keys: readonly KeyRecord[], name: string): void {
  if (keys.length >= MOST_KEYS) {
    const message = `There are already ${MOST_KEYS} gateway keys. Revoke one that is no longer used.`;
    throw new DomainError('conflict', message);
  }
  const same = keys.find((one) => fold(one.name) === fold(name));
  if (same) throw new DomainError('conflict', `There is already a gateway key named ${same.name}.`);
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function used(record: KeyRecord, use: Use | undefined): KeyRecord {
  if (use === undefined) return record;
  const last = Math.max(use.at, Date.parse(record.lastUsedAt ?? '') || 0);
  return { ...record, tokensUsed: record.tokensUsed + use.tokens, lastUsedAt: isoTime(last) };
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

function newId(): string {
  return Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('');
}
