import { z } from 'zod';

/** A model on disk (cli.md "Shapes"). */
export const Model = z.object({
  /** `demo`, `org/name` or the absolute folder: what a profile stores. */
  ref: z.string(),
  name: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  complete: z.boolean(),
  /** Files that are missing or damaged, with what is wrong. */
  missing: z.array(z.string()).optional(),
  architecture: z.string().optional(),
  bits: z.number().optional(),
  contextLength: z.number().optional(),
  /** Names of the profiles that use it. */
  usedBy: z.array(z.string()),
  origin: z.enum(['built-in', 'huggingface', 'folder']),
  /** The added folder it was found in. */
  folder: z.string().optional(),
  /** Its config names code of its own. */
  needsCode: z.boolean().optional(),
  /** Python files that come with it; none is run unless an option allows it. */
  code: z.array(z.string()).optional(),
  modifiedAt: z.string().optional(),
});
export type Model = z.infer<typeof Model>;

/** A folder that is scanned for models. */
export const ModelFolder = z.object({
  path: z.string(),
  origin: z.enum(['huggingface', 'added']),
  state: z.enum(['ok', 'missing', 'unreadable']),
  models: z.number(),
});
export type ModelFolder = z.infer<typeof ModelFolder>;
