import { z } from 'zod';
import { ServerFailure, StoredServerFailure } from './server';

/** What was known when a run ended by itself; kept with its log. */
export const PostMortem = z.object({
  run: z.number(),
  time: z.string(),
  failure: ServerFailure,
  engine: z.string(),
  /** Version of the engine; absent for a custom command. */
  version: z.string().optional(),
  wasReady: z.boolean(),
  /** Exit code or signal, or that it was still alive. */
  exit: z.string(),
  /** The command, secrets masked. */
  argv: z.array(z.string()),
});
export type PostMortem = z.infer<typeof PostMortem>;

/** The same as it is read from a file, which another version may have written. */
export const StoredPostMortem = PostMortem.extend({ failure: StoredServerFailure });
