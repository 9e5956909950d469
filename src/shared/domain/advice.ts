import { z } from 'zod';

/** Something worth knowing before a start or an update; it never keeps anybody from anything. */
export const Advice = z.object({
  id: z.string(),
  says: z.string(),
  /** What one can do about it. */
  fix: z.string().optional(),
  /** Where it is known from. */
  source: z.string(),
});
export type Advice = z.infer<typeof Advice>;
