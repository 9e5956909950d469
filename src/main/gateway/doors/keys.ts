import { hash, timingSafeEqual } from 'node:crypto';

import type { Doors, KeyEntry, Target } from '@shared/gateway/target';
import type { Refusal } from '../conversation/refusal';
import type { Headers } from './headers';

/** A key that passes, or why none does. `key` is undefined for a request that needs none. */
export type KeyCheck =
  | { readonly kind: 'passed'; readonly key: KeyEntry | undefined }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Longer ones are no keys of ours; they are still keys that are wrong. */
const MAX_CHARACTERS = 512;

/**
 * Every key that a request brings, each once: Bearer, `x-api-key`, `api-key`, the password of Basic. Clients may send
 * several, such as one of their own beside the one that they were told. An empty one is what SDKs send that
 * were given none.
 */
export function presentedKeys(headers: Headers): readonly string[] {
  const authorizations = headers.get('authorization') ?? [];
  const found = [
    ...authorizations.map((value) => schemeValue(value, 'bearer')),
    ...(headers.get('x-api-key') ?? []),
    ...(headers.get('api-key') ?? []),
    ...authorizations.map((value) => passwordOf(schemeValue(value, 'basic'))),
  ];
  return [...new Set(found.map((key) => key?.trim() ?? ''))].filter((key) => key !== '');
}

/**
 * Who may come in. On this machine no key is needed while none exists, or where a request brings none, unless the
 * person asks for one; a key that is presented must be right as soon as there is any. From elsewhere one is always needed.
 * `now`: Unix ms. No sentence shows a key.
 */
export function checkKey(
  presented: readonly string[],
  { keys, requireKey }: Doors,
  now: number,
  isFromHere: boolean,
): KeyCheck {
  const isFree = isFromHere && !requireKey;
  if (isFree && (keys.length === 0 || presented.length === 0)) {
    return { kind: 'passed', key: undefined };
  }
  if (keys.length === 0) {
    return refused(
      'This gateway has no keys yet, and this request needs one. Add one with "mlx-manager gateway key add NAME".',
    );
  }
  if (presented.length === 0) {
    return refused(
      'This gateway needs a key. Send it as "Authorization: Bearer KEY" or as "x-api-key: KEY".',
    );
  }
  const known = presented.flatMap((key) => entryOf(key, keys) ?? []);
  const usable = known.find((entry) => problemOf(entry, now) === undefined);
  if (usable !== undefined) return { kind: 'passed', key: usable };
  const [first] = known;
  const problem = first && problemOf(first, now);
  if (problem !== undefined) return { kind: 'refused', refusal: problem };
  return refused("The key isn't valid for this gateway. It may be mistyped or revoked.");
}

/** Whether a request with this key may use and see a profile; one without a key may use each. */
export function mayUse(key: KeyEntry | undefined, profileId: string): boolean {
  return key?.profileIds === undefined || key.profileIds.includes(profileId);
}

/** What a request with this key may know of; the rest is to it as if it did not exist. */
export function visibleTargets(
  key: KeyEntry | undefined,
  targets: readonly Target[],
): readonly Target[] {
  if (key?.profileIds === undefined) return targets;
  return targets.filter(({ profileId }) => mayUse(key, profileId));
}

/** Compares with each key, by hash and in constant time, so that the time tells nothing of any of them. */
function entryOf(presented: string, keys: readonly KeyEntry[]): KeyEntry | undefined {
  if (presented.length > MAX_CHARACTERS) return undefined;
  const given = Buffer.from(hash('sha256', presented, 'hex'), 'latin1');
  let found: KeyEntry | undefined;
  for (const entry of keys) {
    const known = Buffer.from(entry.hash, 'latin1');
    if (known.length === given.length && timingSafeEqual(known, given)) found = entry;
  }
  return found;
}

/** Why a key that is ours is refused now. */
function problemOf({ expiresAt, tokensLeft }: KeyEntry, now: number): Refusal | undefined {
  if (expiresAt !== undefined && expiresAt <= now) {
    const when = new Date(expiresAt).toISOString();
    return unauthorized(`This key expired at ${when}. Ask for a new one.`, 'expired_api_key');
  }
  if (tokensLeft === undefined || tokensLeft > 0) return undefined;
  const message = 'The token quota of this key is used up. Ask for a key with a higher quota.';
  return { status: 429, code: 'insufficient_quota', message, isFinal: true };
}

function refused(message: string): KeyCheck {
  return { kind: 'refused', refusal: unauthorized(message, 'invalid_api_key') };
}

/** A 401 has to name a scheme (RFC 9110, 15.5.2). */
function unauthorized(message: string, code: string): Refusal {
  return { status: 401, code, message, headers: { 'www-authenticate': 'Bearer' } };
}

/** What follows the scheme of an `Authorization` header; undefined for another scheme. */
function schemeValue(header: string, scheme: string): string | undefined {
  const [name = '', ...rest] = header.trim().split(' ');
  return name.toLowerCase() === scheme ? rest.join(' ') : undefined;
}

/** RFC 7617: `user:password` in base64; the user does not count. */
function passwordOf(credentials: string | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  const text = Buffer.from(credentials.trim(), 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : text.slice(colon + 1);
}
