import type { GatewayKey } from '@shared/domain/gateway';
import { GatewayKeyId } from '@shared/domain/gateway';
import { ProfileId } from '@shared/domain/profile';
import type { KeyEntry } from '@shared/gateway/target';
import { z } from 'zod';

import type { DocumentSpec } from '../storage/document-recovery';

/** What is kept of a key. Its text is not: the hash is enough to know it again. Times are ISO 8601. */
export const KeyRecord = z.object({
  id: GatewayKeyId,
  name: z.string().min(1),
  /** SHA-256 of the key's text, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Null: every profile. */
  profileIds: z.array(ProfileId).nullable(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  tokenQuota: z.number().min(0).nullable(),
  tokensUsed: z.number().min(0),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type KeyRecord = z.infer<typeof KeyRecord>;

/**
 * A damaged key loses what only tells about it. What limits it (its profiles, its end, its quota) has no default:
 * such a key is left out, since it must not open more than it was made for.
 */
export const GATEWAY_KEYS: DocumentSpec = {
  name: 'gateway-keys',
  version: 1,
  migrations: {},
  keys: {
    keys: {
      kind: 'list',
      item: KeyRecord,
      fieldDefaults: {
        name: 'Unnamed key',
        createdAt: '2026-01-01T00:00:00.000Z',
        lastUsedAt: null,
      },
      uniqueBy: 'id',
      nameOf: (record) =>
        `Gateway key ${typeof record.name === 'string' ? record.name : 'without a name'}`,
    },
  },
};

/** As every view sees it. */
export function describeKey(record: KeyRecord): GatewayKey {
  const { id, name, profileIds, createdAt, expiresAt, tokenQuota, tokensUsed, lastUsedAt } = record;
  return {
    ...{ id, name, profileIds, createdAt, tokensUsed },
    ...(expiresAt === null ? {} : { expiresAt }),
    ...(tokenQuota === null ? {} : { tokenQuota }),
    ...(lastUsedAt === null ? {} : { lastUsedAt }),
  };
}

/** As the data plane checks it. */
export function keyEntry(record: KeyRecord): KeyEntry {
  const { id, name, hash, profileIds, expiresAt, tokenQuota, tokensUsed } = record;
  return {
    ...{ id, name, hash },
    ...(profileIds === null ? {} : { profileIds }),
    ...(expiresAt === null ? {} : { expiresAt: Date.parse(expiresAt) }),
    ...(tokenQuota === null ? {} : { tokensLeft: Math.max(0, tokenQuota - tokensUsed) }),
  };
}
