import { z } from 'zod';

import { ProfileId, ProfileName } from './profile';

/** Every key begins so, and is known by it in a text that must not show one. */
export const GATEWAY_KEY_PREFIX = 'mlxm_';

export const GatewayKeyId = z
  .string()
  .regex(/^[a-z0-9]{8,32}$/, 'must be the id of a key, as the list of keys has it');

/** A key of the gateway as views see it: what it opens, never the key itself. */
export const GatewayKey = z.object({
  id: GatewayKeyId,
  name: z.string(),
  /** Ids of the profiles that it may use; null: every one, those made later too. */
  profileIds: z.array(ProfileId).nullable(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** ISO 8601; from then on it is refused. */
  expiresAt: z.string().optional(),
  /** Tokens of prompts and answers that it may use in all. */
  tokenQuota: z.number().optional(),
  tokensUsed: z.number(),
  /** ISO 8601. */
  lastUsedAt: z.string().optional(),
});
export type GatewayKey = z.infer<typeof GatewayKey>;

/** A key that was just made: the only time that it is told. */
export const NewGatewayKey = GatewayKey.extend({ key: z.string() });
export type NewGatewayKey = z.infer<typeof NewGatewayKey>;

const DAYS = 'must be a whole number of days from 1 to 3650';
const TOKENS = 'must be a whole number of tokens from 1 to 1000000000000';

export const GatewayKeyCreate = z.strictObject({
  name: ProfileName,
  /** Left out: every profile. */
  profileIds: z
    .array(ProfileId, { error: 'must be a list of profile ids' })
    .min(1, 'must have at least one profile, or be left out for all of them')
    .max(1000, 'must have at most 1000 entries')
    .optional(),
  expiresDays: z.number({ error: DAYS }).int(DAYS).min(1, DAYS).max(3650, DAYS).optional(),
  tokenQuota: z
    .number({ error: TOKENS })
    .int(TOKENS)
    .min(1, TOKENS)
    .max(1_000_000_000_000, TOKENS)
    .optional(),
});
export type GatewayKeyCreate = z.infer<typeof GatewayKeyCreate>;
