import { ServerProfile } from '@shared/domain/profile';
import { FIELD_DEFAULTS } from '@shared/domain/profile-fields';
import type { DocumentSpec, RawDocument } from '../storage/document-recovery';

/** Fields that fall back alone when a stored profile was damaged; name, model, port and id cannot. */
const STORED_DEFAULTS = {
  ...FIELD_DEFAULTS,
  order: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
} as const;

/** Gives fields that a newer version added to every stored profile. */
function withNewFields(fields: Record<string, unknown>): (old: RawDocument) => RawDocument {
  return (old) => ({
    ...old,
    profiles: Array.isArray(old.profiles)
      ? old.profiles.map((profile: unknown) =>
          typeof profile === 'object' && profile !== null ? { ...fields, ...profile } : profile,
        )
      : old.profiles,
  });
}

/** Version 2 added custom commands and several machines; version 3 what the gateway needs to know. */
export const PROFILES_DOCUMENT: DocumentSpec = {
  name: 'profiles',
  version: 3,
  keys: {
    profiles: {
      kind: 'list',
      item: ServerProfile,
      fieldDefaults: STORED_DEFAULTS,
      uniqueBy: 'id',
      nameOf: (record) =>
        `Profile ${typeof record.name === 'string' ? record.name : 'without a name'}`,
    },
  },
  migrations: {
    1: withNewFields({ custom: null, cluster: null }),
    2: withNewFields({ aliases: [], ttlSeconds: 0, pinned: false }),
  },
};
