import { z } from 'zod';

/** One model in the gateway's lists: a profile, and every name under which programs can ask for it. */
export const GatewayName = z.object({
  profileId: z.string(),
  /** Its id in every list: the profile's name. */
  name: z.string(),
  /** Its slug first, then those that the person gave; names that another profile has are left out. */
  aliases: z.array(z.string()),
  /** Tokens of prompt and answer together; undefined where nothing tells. */
  contextLength: z.number().optional(),
});
export type GatewayName = z.infer<typeof GatewayName>;
