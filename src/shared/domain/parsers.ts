import { z } from 'zod';

/** Which parser fits a model on an engine. */
export const ParserSuggestion = z.object({
  option: z.enum(['tool-call-parser', 'reasoning-parser']),
  /** The way of writing that was recognised. */
  family: z.string(),
  /** Which fact told it, in words. */
  evidence: z.string(),
  /** The engine's own name for it; absent where it has no such parser. */
  value: z.string().optional(),
  /** The engine chooses by itself: nothing need be set. */
  byItself: z.boolean(),
});
export type ParserSuggestion = z.infer<typeof ParserSuggestion>;
